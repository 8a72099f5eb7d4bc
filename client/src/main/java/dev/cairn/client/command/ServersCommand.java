package dev.cairn.client.command;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.finding.Room;
import dev.cairn.rpc.finding.ServerWords;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the chunk servers in a table. */
@Command(
    name = "servers",
    description = {
      "Show the chunk servers: addresses, states, chunks, room, versions and failed disks.",
      "'used' is what Cairn's own data takes. A disk that several data directories share counts"
          + " once."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn servers", "  cairn servers --json"})
final class ServersCommand implements Callable<Integer> {

  @Mixin private MasterOption master;

  @Option(names = "--json", description = "Answer with a JSON array.")
  private boolean json;

  private final Surroundings around;

  ServersCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    GetStatusReply status = master.status();
    if (json) {
      around.out().line(Json.of(ClusterReport.servers(status)));
    } else {
      Table table =
          new Table(
              ">id", "address", "zone", "version", "state", ">chunks", ">used", ">free", ">total",
              "checked", "disks");
      for (ChunkServerStatus server : status.getServersList()) {
        table.row(
            server.getServerId(),
            new HostPort(server.getHost(), server.getDataPort()),
            server.getZone().isEmpty() ? "-" : server.getZone(),
            server.getVersion().isEmpty() ? "-" : server.getVersion(),
            state(server),
            server.getChunks(),
            SizeInBytes.show(Room.of(server).getHeldBytes()),
            SizeInBytes.show(Room.of(server).getFreeBytes()),
            SizeInBytes.show(Room.of(server).getTotalBytes()),
            ClusterReport.checked(server),
            disks(server));
      }
      for (String line : table.lines()) {
        around.out().line(line);
      }
      for (ChunkServerStatus server : status.getServersList()) {
        if (server.getDraining() && !server.getDrain().getDone()) {
          around
              .out()
              .line(ServerCommand.name(server) + ": " + ServerWords.progress(server.getDrain()));
        }
      }
    }
    around.out().flush();
    return 0;
  }

  private static String state(ChunkServerStatus server) {
    String state = ClusterReport.presence(server);
    if (server.getMaintenanceLeftMillis() > 0) {
      state += ", in maintenance for " + Shown.time(server.getMaintenanceLeftMillis());
    }
    if (server.getAlive() && !server.getReported()) {
      state += ", reporting";
    }
    if (!server.getDraining()) {
      return state;
    }
    return state + ", " + (server.getDrain().getDone() ? "drained" : "draining");
  }

  private static String disks(ChunkServerStatus server) {
    String failed =
        server.getDisksList().stream()
            .filter(disk -> !disk.getFailure().isEmpty())
            .map(disk -> disk.getPath() + ": " + disk.getFailure())
            .collect(Collectors.joining(", "));
    long well =
        server.getDisksList().stream().map(DiskStatus::getFailure).filter(String::isEmpty).count();
    return well + " well" + (failed.isEmpty() ? "" : ", failed: " + failed);
  }
}
