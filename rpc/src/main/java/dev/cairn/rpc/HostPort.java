package dev.cairn.rpc;

import dev.cairn.rpc.proto.ServerAddress;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/**
 * A TCP address as users write it: {@code HOST:PORT}, an IPv6 address in brackets. Port 0 asks the
 * system for a free one where one listens.
 */
public record HostPort(String host, int port) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\\w.-]+)?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host of an address is empty");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
  }

  /**
   * Reads {@code HOST:PORT}.
   *
   * @throws IllegalArgumentException with a sentence for the user when the text is not of that form
   */
  public static HostPort parse(String text) {
    if (text.contains("//")) {
      throw notAnAddress(text, "write HOST:PORT, without what stands before the host in a URL");
    }
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || colon == text.length() - 1 || text.endsWith("]")) {
      throw notAnAddress(text, "write HOST:PORT");
    }
    String host = text.substring(0, colon);
    String port = text.substring(colon + 1);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw notAnAddress(text, "write an IPv6 host in brackets, [HOST]:PORT");
    }
    if (!(bracketed ? IPV6 : NAME).matcher(host).matches()) {
      throw new IllegalArgumentException(
          "'" + host + "' in '" + text + "' is neither a host name nor an IP address");
    }
    if (!NUMBER.matcher(port).matches()) {
      throw new IllegalArgumentException("'" + port + "' in '" + text + "' is not a port number");
    }
    return new HostPort(host, Integer.parseInt(port));
  }

  /** Reads the address of something to connect to: {@link #parse}, but port 0 is none. */
  public static HostPort parsePeer(String text) {
    HostPort peer = parse(text);
    if (peer.port() == 0) {
      throw new IllegalArgumentException("nothing can be reached at port 0 of '" + text + "'");
    }
    return peer;
  }

  private static IllegalArgumentException notAnAddress(String text, String instead) {
    return new IllegalArgumentException("'" + text + "' is not an address: " + instead);
  }

  public static HostPort of(ServerAddress address) {
    return new HostPort(address.getHost(), address.getPort());
  }

  /** Resolves the host; the result says itself whether that worked. */
  public InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
