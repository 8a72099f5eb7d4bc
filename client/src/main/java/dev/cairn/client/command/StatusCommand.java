package dev.cairn.client.command;

import dev.cairn.client.local.ClusterDirectory;
import dev.cairn.client.local.ClusterSettings;
import dev.cairn.client.local.LocalCluster;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the state of a cluster. */
@Command(
    name = "status",
    description = {
      "Show the state of the cluster: servers, sessions, findings.",
      "Each finding has a code that never changes, a sentence, and what to do. The last line is"
          + " 'healthy', or says what is not."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:healthy; there may be notices, like a server in maintenance",
      "1:degraded: no data is lost or out of reach, and something needs looking at",
      "2:wrong usage",
      "3:data unavailable: chunks cannot be read, or the master does not answer"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn status",
      "  cairn status --master 10.0.0.1:9420",
      "  cairn status | grep under-replicated",
      "  cairn status --quiet || echo 'look at the cluster'",
      "  cairn status --json"
    })
final class StatusCommand implements Callable<Integer> {

  /** For a master whose process does not run here; one started in another way may answer. */
  private static final Duration WHEN_DOWN = Duration.ofSeconds(1);

  @Mixin private MasterOption master;

  @Option(names = "--json", description = "Answer with a JSON object.")
  private boolean json;

  @Option(names = "--quiet", description = "Print nothing: the exit code says how the cluster is.")
  private boolean quiet;

  private final Surroundings around;

  @Spec private CommandSpec spec;

  StatusCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    Masters masters = master.masters();
    List<String> missing = missing(masters);
    MastersReport group = masters.areSeveral() ? master.mastersReport() : MastersReport.NONE;
    GetStatusReply reply;
    try {
      boolean down = isDown(missing) || (masters.areSeveral() && group.isWithoutMajority());
      reply = (down ? master.clusters().within(WHEN_DOWN) : master.clusters()).status(masters);
    } catch (CairnException e) {
      return unreachable(masters, unreachable(e, group, missing));
    }
    if (!masters.areSeveral()) {
      group = master.mastersReport();
    }
    Health health = Health.of(reply, group, missing, Version.number());
    ClusterReport report =
        new ClusterReport(
            masters, reply, group, missing, health, System.currentTimeMillis() * 1_000_000);
    if (json && !quiet) {
      around.out().line(Json.of(report.facts()));
    } else if (!quiet) {
      for (String line : report.lines()) {
        around.out().line(line);
      }
    }
    around.out().flush();
    return health.exitCode();
  }

  private int unreachable(Masters masters, Health health) throws IOException {
    if (json && !quiet) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("master", masters.toString());
      facts.putAll(ClusterReport.facts(health));
      around.out().line(Json.of(facts));
      around.out().flush();
    } else if (!quiet) {
      spec.commandLine().getErr().println(spec.qualifiedName() + ": " + health.problems().get(0));
    }
    return health.exitCode();
  }

  private Health unreachable(CairnException e, MastersReport group, List<String> missing)
      throws IOException {
    if (isDown(missing)) {
      return Health.unreachable(
          "the cluster in " + local() + " does not run", "'cairn up' starts it");
    }
    return group.areSeveral()
        ? new Health(List.of(group.noLeader()))
        : Health.unreachable(
            e.getMessage(),
            "check the address, and that the master runs; its log says why it ended");
  }

  /** Whether none of the masters runs that are this machine's. */
  private boolean isDown(List<String> missing) throws IOException {
    return !missing.isEmpty() && missing.containsAll(ClusterSettings.read(local()).masterNames());
  }

  private Path local() throws IOException {
    return master.directory() == null ? around.lastCluster().read() : master.directory();
  }

  /** Processes of the local cluster that do not run; none when the cluster is somewhere else. */
  private List<String> missing(Masters masters) throws IOException {
    Path place = local();
    if (place == null || !Files.exists(place)) {
      return List.of();
    }
    ClusterSettings settings = ClusterSettings.read(place);
    return settings.masterAddresses().equals(masters)
        ? new LocalCluster(new ClusterDirectory(place), settings, null).missing()
        : List.of();
  }
}
