package dev.cairn.client.master;

/**
 * What a client says of itself.
 *
 * @param description for people: what it is
 * @param user of a command, as user@host: leases are then the user's; empty: they are the client's
 * @param http where it serves metrics, as a URL; empty: it does not
 */
public record ClientName(String description, String user, String http) {

  /** A client that serves no metrics. */
  public ClientName(String description, String user) {
    this(description, user, "");
  }
}
