package dev.cairn.chunkserver.heartbeat;

import dev.cairn.rpc.HostPort;

/**
 * What the server tells of itself.
 *
 * @param address where clients and other servers reach its data port
 * @param incarnation a random number of this process: a copy of its directories, which another
 *     process serves, has the same uuid and another one of these
 * @param zone empty when there are none
 * @param http where it serves metrics; empty when it does not
 */
public record Member(HostPort address, long incarnation, String zone, String version, String http) {

  /** A server without metrics. */
  public Member(HostPort address, long incarnation, String zone, String version) {
    this(address, incarnation, zone, version, "");
  }
}
