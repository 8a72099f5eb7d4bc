package dev.cairn.client.command;

import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.cluster.BackupClient;
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

  private final Duration timeout;

  /**
   * @param timeout how long there may be no progress
   */
  RemoteClusters(Duration timeout) {
    this.timeout = timeout;
  }

  @Override
  public Surroundings.Clusters within(Duration otherTimeout) {
    return new RemoteClusters(otherTimeout);
  }

  @Override
  public Vfs files(HostPort master) throws CairnException {
    return ClusterVfs.connectFor(
        ThisProcess.user(),
        master,
        "cairn command, process " + ProcessHandle.current().pid(),
        ClientSettings.forCommand(timeout));
  }

  @Override
  public GetStatusReply status(HostPort master) throws CairnException {
    try (ClusterClient client = new ClusterClient(master, timeout)) {
      return client.status();
    }
  }

  @Override
  public Servers servers(HostPort master) {
    return new ClusterClient(master, timeout);
  }

  @Override
  public Leases leases(HostPort master) {
    return new LeaseClient(master, timeout);
  }

  @Override
  public Trash trash(HostPort master) {
    return new TrashClient(master, timeout);
  }

  @Override
  public void check(HostPort master, CheckRequest request, CheckClient.Visitor visitor)
      throws IOException {
    try (CheckClient client = new CheckClient(master, timeout)) {
      client.check(request, visitor);
    }
  }

  @Override
  public void backup(HostPort master, BackupClient.Visitor visitor) throws IOException {
    try (BackupClient client = new BackupClient(master, timeout)) {
      client.backup(visitor);
    }
  }
}
