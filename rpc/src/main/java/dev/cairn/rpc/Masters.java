package dev.cairn.rpc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The control addresses of a cluster's masters as users write them: {@code HOST:PORT}, or several
 * with commas between them. Their order means nothing but which one is asked first.
 */
public record Masters(List<HostPort> addresses) {

  private static final int MOST = 16;

  public Masters {
    addresses = List.copyOf(addresses);
    Check.that(!addresses.isEmpty(), "there is no master");
  }

  public static Masters of(HostPort only) {
    return new Masters(List.of(only));
  }

  /** The masters whose addresses another master said. */
  public static Masters of(Collection<String> addresses) {
    return parse(String.join(",", addresses));
  }

  /**
   * Reads {@code HOST:PORT} or {@code HOST:PORT,HOST:PORT,...}.
   *
   * @throws IllegalArgumentException with a sentence for the user when the text is not of that form
   */
  public static Masters parse(String text) {
    List<HostPort> addresses = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String address = part.strip();
      if (address.isEmpty() && text.indexOf(',') >= 0) {
        throw new IllegalArgumentException(
            "an address is missing beside a comma of '" + text + "': write HOST:PORT,HOST:PORT");
      }
      HostPort master = HostPort.parsePeer(address);
      if (addresses.contains(master)) {
        throw new IllegalArgumentException(
            "'" + text + "' names the master " + master + " twice: name each master once");
      }
      addresses.add(master);
    }
    if (addresses.size() > MOST) {
      throw new IllegalArgumentException(
          "'" + text + "' names " + addresses.size() + " masters: there are at most " + MOST);
    }
    return new Masters(addresses);
  }

  public HostPort first() {
    return addresses.get(0);
  }

  public int count() {
    return addresses.size();
  }

  public boolean areSeveral() {
    return count() > 1;
  }

  /** For sentences: "the master at A", or "the masters at A, B and C". */
  public String named() {
    if (!areSeveral()) {
      return "the master at " + first();
    }
    String allButLast =
        addresses.subList(0, count() - 1).stream()
            .map(HostPort::toString)
            .collect(Collectors.joining(", "));
    return "the masters at " + allButLast + " and " + addresses.get(count() - 1);
  }

  /** As it is read: the addresses with commas between them. */
  @Override
  public String toString() {
    return addresses.stream().map(HostPort::toString).collect(Collectors.joining(","));
  }
}
