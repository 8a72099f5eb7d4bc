package dev.cairn.client.command;

import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.cluster.CheckClient;
import dev.cairn.client.cluster.ClusterClient;
import dev.cairn.client.cluster.LeaseClient;
import dev.cairn.client.cluster.Leases;
import dev.cairn.client.cluster.Servers;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.cluster.TrashClient;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.time.Duration;

/** Reaches clusters over the network. */
final class RemoteClusters implements Surroundings.Clusters {

  private static final Duration STATUS_WITHIN = Duration.ofSeconds(5);

  @Override
  public Vfs files(HostPort master) throws CairnException {
    return ClusterVfs.connectFor(
        ThisProcess.user(),
        master,
        "cairn command, process " + ProcessHandle.current().pid(),
        ClientSettings.forCommand());
  }

  @Override
  public GetStatusReply status(HostPort master) throws CairnException {
    try (ClusterClient client = new ClusterClient(master)) {
      return client.status(STATUS_WITHIN);
    }
  }

  @Override
  public Servers servers(HostPort master) {
    return new ClusterClient(master);
  }

  @Override
  public Leases leases(HostPort master) {
    return new LeaseClient(master);
  }

  @Override
  public Trash trash(HostPort master) {
    return new TrashClient(master);
  }

  @Override
  public void check(HostPort master, CheckRequest request, CheckClient.Visitor visitor)
      throws IOException {
    try (CheckClient client = new CheckClient(master)) {
      client.check(request, visitor);
    }
  }
}
