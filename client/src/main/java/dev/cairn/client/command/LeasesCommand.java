package dev.cairn.client.command;

import dev.cairn.client.cluster.Leases;
import dev.cairn.client.path.Names;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.LeaseStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the leases in force. */
@Command(
    name = "leases",
    description = {
      "Show who has leases of files: holder, time left, path.",
      "A mount's lease is renewed as long as the mount lives."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn leases", "  cairn leases --json"})
final class LeasesCommand implements Callable<Integer> {

  private static final long MILLIS_PER_SECOND = 1000;

  @Mixin private MasterOption master;

  @Option(names = "--json", description = "Answer with a JSON array.")
  private boolean json;

  private final Surroundings around;

  LeasesCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    try (Leases leases = master.clusters().leases(master.masters())) {
      List<LeaseStatus> all = leases.all();
      if (json) {
        around.out().line(Json.of(all.stream().map(LeasesCommand::facts).toList()));
      } else if (!all.isEmpty()) {
        table(all);
      }
    }
    around.out().flush();
    return CommandRunner.OK;
  }

  private void table(List<LeaseStatus> leases) throws IOException {
    Table table = new Table("holder", ">left", "path");
    for (LeaseStatus lease : leases) {
      table.row(
          Names.printable(lease.getHolder()),
          lease.getLeftMillis() / MILLIS_PER_SECOND + " s",
          shown(lease));
    }
    for (String line : table.lines()) {
      around.out().line(line);
    }
  }

  private String shown(LeaseStatus lease) {
    if (lease.getPath().isEmpty()) {
      return "(inode " + lease.getInode() + ")";
    }
    String path = Names.text(lease.getPath());
    return around.terminal().out() ? Names.printable(path) : path;
  }

  private static Map<String, Object> facts(LeaseStatus lease) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("inode", lease.getInode());
    facts.put("path", Names.text(lease.getPath()));
    facts.put("holder", lease.getHolder());
    facts.put("mount", lease.getSessionId() != 0);
    facts.put("term_ms", lease.getTermMillis());
    facts.put("left_ms", lease.getLeftMillis());
    return facts;
  }
}
