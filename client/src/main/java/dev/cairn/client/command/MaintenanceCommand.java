package dev.cairn.client.command;

import dev.cairn.client.cluster.Servers;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Announces that a chunk server will be away for a time. */
@Command(
    name = "maintenance",
    description = {
      "Announce that a chunk server will be away for a time, as for a reboot.",
      "Until then chunks that lack only this server's replica are not copied, and new chunks keep"
          + " off it where enough other servers have room. Chunks that lack more are copied as"
          + " always. The master remembers it over restarts; it ends by itself when the time is"
          + " over."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn maintenance 2 --for 30m    then stop the server, reboot, start it",
      "  cairn maintenance 2 --end"
    })
final class MaintenanceCommand extends ServerCommand {

  private static final Duration LONGEST = Duration.ofHours(24);

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "How long from now on, like 90s, 30m or 2h; at most 24h.")
  private String time;

  @Option(names = "--end", description = "End it now.")
  private boolean end;

  private Duration length = Duration.ZERO;

  MaintenanceCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    if (end == (time != null)) {
      throw new IllegalArgumentException("say either --for TIME or --end");
    }
    if (time != null) {
      length = TimeText.parse(time);
      if (length.isZero() || length.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("--for takes a time from 1s to 24h");
      }
    }
  }

  @Override
  int run(Servers servers, ChunkServerStatus server) throws IOException {
    if (end && server.getMaintenanceLeftMillis() == 0) {
      throw ErrorCode.INVALID.because(name(server) + " is not in maintenance");
    }
    servers.maintain(server.getServerId(), length);
    out()
        .line(
            name(server)
                + (end
                    ? " is no longer in maintenance"
                    : " is in maintenance for " + TimeText.show(length)));
    return CommandRunner.OK;
  }
}
