package dev.cairn.client.command;

import dev.cairn.client.cluster.Servers;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.finding.ServerWords;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command on one chunk server. */
abstract class ServerCommand implements Callable<Integer> {

  @Mixin private MasterOption master;

  @Parameters(
      paramLabel = "SERVER",
      description = "Its number or its HOST:PORT, as 'cairn servers' shows them.")
  private String server;

  private final Surroundings around;

  ServerCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  /** Does the work; answers the exit code. */
  abstract int run(Servers servers, ChunkServerStatus server)
      throws IOException, InterruptedException;

  /** Refuses options that contradict each other with an {@link IllegalArgumentException}. */
  void check() {}

  @Override
  public final Integer call() throws IOException, InterruptedException {
    check();
    int exit;
    try (Servers servers = master.clusters().servers(master.masters())) {
      exit = run(servers, named(server, servers.status().getServersList()));
    }
    out().flush();
    return exit;
  }

  /**
   * The server that is meant by a number or HOST:PORT: of several that had an address, the one that
   * is alive or the last.
   */
  static ChunkServerStatus named(String server, List<ChunkServerStatus> all) throws CairnException {
    ChunkServerStatus named = null;
    for (ChunkServerStatus one : all) {
      boolean meant =
          server.equals(Integer.toString(one.getServerId())) || server.equals(address(one));
      if (meant && (named == null || !named.getAlive())) {
        named = one;
      }
    }
    if (named == null) {
      throw ErrorCode.NO_ENTRY.because(
          "there is no chunk server " + server + ": see 'cairn servers'");
    }
    return named;
  }

  private static String address(ChunkServerStatus server) {
    return new HostPort(server.getHost(), server.getDataPort()).toString();
  }

  /** How messages name a server. */
  static String name(ChunkServerStatus server) {
    return ServerWords.name(server);
  }

  final Output out() {
    return around.out();
  }

  final Surroundings around() {
    return around;
  }
}
