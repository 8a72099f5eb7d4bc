package dev.cairn.client.local;

import dev.cairn.rpc.HostPort;

/**
 * Where a master of a local cluster listens.
 *
 * @param control for clients, chunk servers and commands
 * @param raft for the other masters; 0 where there are none
 */
record MasterPorts(int control, int raft) {

  private static final int HIGHEST = 65535;

  MasterPorts {
    if (control < 1 || control > HIGHEST) {
      throw new IllegalArgumentException("port " + control + " is not between 1 and " + HIGHEST);
    }
    if (raft < 0 || raft > HIGHEST) {
      throw new IllegalArgumentException("port " + raft + " is not between 0 and " + HIGHEST);
    }
  }

  /** Reads what {@link #toString} writes. */
  static MasterPorts parse(String text) {
    String[] ports = text.split("/", 2);
    return new MasterPorts(
        Integer.parseInt(ports[0]), ports.length == 2 ? Integer.parseInt(ports[1]) : 0);
  }

  HostPort address() {
    return new HostPort(ClusterSettings.HOST, control);
  }

  /** As {@code cairn master --peers} takes it. */
  String peer() {
    return ClusterSettings.HOST + ":" + this;
  }

  @Override
  public String toString() {
    return raft == 0 ? Integer.toString(control) : control + "/" + raft;
  }
}
