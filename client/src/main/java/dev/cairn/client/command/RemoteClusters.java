package dev.cairn.client.command;

import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.cluster.BackupClient;
import dev.cairn.client.cluster.CheckClient;
import dev.cairn.client.cluster.ClusterClient;
import dev.cairn.client.cluster.LeaseClient;
import dev.cairn.client.cluster.Leases;
import dev.cairn.client.cluster.MasterGroup;
import dev.cairn.client.cluster.MasterGroupClient;
import dev.cairn.client.cluster.Servers;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.cluster.TrashClient;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.Masters;
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
  public Vfs files(Masters masters) throws CairnException {
    return ClusterVfs.connectFor(
        ThisProcess.user(),
        masters,
        "cairn command, process " + ProcessHandle.current().pid(),
        ClientSettings.forCommand(timeout));
  }

  @Override
  public GetStatusReply status(Masters masters) throws CairnException {
    try (ClusterClient client = new ClusterClient(masters, timeout)) {
      return client.status();
    }
  }

  @Override
  public Servers servers(Masters masters) {
    return new ClusterClient(masters, timeout);
  }

  @Override
  public Leases leases(Masters masters) {
    return new LeaseClient(masters, timeout);
  }

  @Override
  public Trash trash(Masters masters) {
    return new TrashClient(masters, timeout);
  }

  @Override
  public MasterGroup masters(Masters masters) {
    return new MasterGroupClient(masters, timeout);
  }

  @Override
  public void check(Masters masters, CheckRequest request, CheckClient.Visitor visitor)
      throws IOException {
    try (CheckClient client = new CheckClient(masters, timeout)) {
      client.check(request, visitor);
    }
  }

  @Override
  public void backup(Masters masters, BackupClient.Visitor visitor) throws IOException {
    try (BackupClient client = new BackupClient(masters, timeout)) {
      client.backup(visitor);
    }
  }
}
