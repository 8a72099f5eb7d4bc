package dev.cairn.client.command;

import dev.cairn.client.cluster.Servers;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.finding.ServerWords;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Has a chunk server emptied. */
@Command(
    name = "drain",
    description = {
      "Empty a chunk server, so that it can be stopped: it gets no new chunks, and what it holds is"
          + " copied to others.",
      "It serves reads meanwhile. 'cairn servers' shows how far it is; 'cairn undrain' ends it."
          + " A drained server may be stopped, and then be taken off the list by 'cairn forget'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn drain 2",
      "  cairn drain --wait 10.0.0.7:9421   show how far it is until it is drained"
    })
final class DrainCommand extends ServerCommand {

  private static final long POLL_MILLIS = 500;

  @Option(names = "--wait", description = "Say how far it is, and return when it is drained.")
  private boolean wait;

  DrainCommand(Surroundings around) {
    super(around);
  }

  @Override
  int run(Servers servers, ChunkServerStatus server) throws IOException, InterruptedException {
    servers.drain(server.getServerId(), true);
    if (wait) {
      return await(servers, server);
    }
    out().line(name(server) + " is being drained: 'cairn servers' shows how far it is");
    return CommandRunner.OK;
  }

  /** Says each state once. */
  private int await(Servers servers, ChunkServerStatus server)
      throws IOException, InterruptedException {
    String said = "";
    while (true) {
      ChunkServerStatus now = now(servers, server.getServerId());
      if (!now.getDraining()) {
        out().line(name(server) + " is no longer to be drained");
        return CommandRunner.FAILED;
      }
      if (now.getDrain().getDone()) {
        out().line(name(server) + " is drained: it may be stopped, and then forgotten");
        return CommandRunner.OK;
      }
      String state = ServerWords.progress(now.getDrain());
      if (!state.equals(said)) {
        said = state;
        out().line(name(server) + ": " + state);
        out().flush();
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private static ChunkServerStatus now(Servers servers, int id) throws IOException {
    return servers.status().getServersList().stream()
        .filter(server -> server.getServerId() == id)
        .findFirst()
        .orElse(ChunkServerStatus.getDefaultInstance());
  }
}
