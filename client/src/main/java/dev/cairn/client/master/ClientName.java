package dev.cairn.client.master;

/**
 * What a client says of itself.
 *
 * @param description for people: what it is
 * @param user of a command, as user@host: leases are then the user's; empty: they are the client's
 */
public record ClientName(String description, String user) {}
