package dev.cairn.client.command;

import dev.cairn.client.local.ClusterDirectory;
import dev.cairn.client.local.ClusterSettings;
import dev.cairn.client.local.LocalCluster;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the state of a cluster. */
@Command(
    name = "status",
    description = {
      "Show the state of the cluster: servers, sessions, what is wrong.",
      "The last line is 'healthy' or says what is wrong and what to do. Exits with 0 when the"
          + " master answers, however the cluster is."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn status",
      "  cairn status --master 10.0.0.1:9420",
      "  cairn status | grep under-replicated",
      "  cairn status --json"
    })
final class StatusCommand implements Callable<Integer> {

  @Mixin private MasterOption master;

  @Option(names = "--json", description = "Answer with a JSON object.")
  private boolean json;

  private final Surroundings around;

  StatusCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    HostPort address = master.address();
    GetStatusReply reply = status(address);
    List<String> missing = missing(address);
    ClusterReport report =
        new ClusterReport(address, reply, missing, System.currentTimeMillis() * 1_000_000);
    if (json) {
      around.out().line(Json.of(report.facts()));
    } else {
      for (String line : report.lines()) {
        around.out().line(line);
      }
    }
    around.out().flush();
    return CommandRunner.OK;
  }

  private GetStatusReply status(HostPort address) throws IOException {
    try {
      return around.clusters().status(address);
    } catch (CairnException e) {
      if (!missing(address).contains(LocalCluster.MASTER)) {
        throw e;
      }
      throw e.code()
          .because("the cluster in " + local() + " does not run: 'cairn up' starts it", e);
    }
  }

  private Path local() throws IOException {
    return master.directory() == null ? around.lastCluster().read() : master.directory();
  }

  /** Processes of the local cluster that do not run; none when the cluster is somewhere else. */
  private List<String> missing(HostPort address) throws IOException {
    Path place = local();
    if (place == null || !Files.exists(place)) {
      return List.of();
    }
    ClusterSettings settings = ClusterSettings.read(place);
    return settings.masterAddress().equals(address)
        ? new LocalCluster(new ClusterDirectory(place), settings, null).missing()
        : List.of();
  }
}
