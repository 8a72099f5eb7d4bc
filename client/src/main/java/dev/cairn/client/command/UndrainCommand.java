package dev.cairn.client.command;

import dev.cairn.client.cluster.Servers;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Ends the emptying of a chunk server. */
@Command(
    name = "undrain",
    description = {
      "Use a chunk server again that was to be emptied.",
      "Replicas that are too many by then are deleted in the background."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn undrain 2"})
final class UndrainCommand extends ServerCommand {

  UndrainCommand(Surroundings around) {
    super(around);
  }

  @Override
  int run(Servers servers, ChunkServerStatus server) throws IOException {
    if (!server.getDraining()) {
      throw ErrorCode.INVALID.because(name(server) + " is not being drained");
    }
    servers.drain(server.getServerId(), false);
    out().line(name(server) + " is used again");
    return CommandRunner.OK;
  }
}
