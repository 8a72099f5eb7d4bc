package dev.cairn.client.command;

import dev.cairn.client.cluster.Servers;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Takes a chunk server off the list. */
@Command(
    name = "forget",
    description = {
      "Take a dead chunk server off the list of servers.",
      "Refused while it is alive, and while it holds or may hold a replica that is needed. Should"
          + " it come back, it joins as a new server with another number."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn forget 2", "  cairn forget 10.0.0.7:9421"})
final class ForgetCommand extends ServerCommand {

  ForgetCommand(Surroundings around) {
    super(around);
  }

  @Override
  int run(Servers servers, ChunkServerStatus server) throws IOException {
    servers.forget(server.getServerId());
    out().line(name(server) + " is forgotten");
    return CommandRunner.OK;
  }
}
