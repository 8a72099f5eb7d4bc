package dev.cairn.client.command;

import dev.cairn.client.cluster.MasterGroup;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the masters, and changes who they are and who of them leads. */
@Command(
    name = "masters",
    synopsisSubcommandLabel = "[add|remove|lead]",
    description = {
      "Show the masters: names, addresses, who leads, and how far the others are behind.",
      "Of several masters one leads, and what it answers is on a majority of them. The others lead"
          + " in its place when it is lost."
    },
    commandListHeading = "%nCommands (each with --help):%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:one leads", "1:none leads, or something failed", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn masters",
      "  cairn masters lead master-2        before master-1 is taken down for a while",
      "  cairn masters add 10.0.0.4:9420    a master that was started on an empty directory",
      "  cairn masters remove 10.0.0.1:9420"
    })
final class MastersCommand implements Callable<Integer> {

  @Mixin private MasterOption master;

  @Option(names = "--json", description = "Answer with a JSON object.")
  private boolean json;

  private final Surroundings around;

  MastersCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    MastersReport report = master.mastersReport();
    if (json) {
      around.out().line(Json.of(report.facts()));
    } else {
      for (String line : report.table().lines()) {
        around.out().line(line);
      }
    }
    around.out().flush();
    if (report.leader().isEmpty()) {
      throw ErrorCode.UNREACHABLE.because(report.noLeader().sentence());
    }
    return CommandRunner.OK;
  }

  /** A change. */
  abstract static class Part implements Callable<Integer> {

    @Mixin private MasterOption master;

    private final Surroundings around;

    Part(Surroundings around) {
      this.around = around;
      this.master = new MasterOption(around);
    }

    /** Does it; answers what to say. */
    abstract String run(MasterGroup group) throws IOException;

    @Override
    public final Integer call() throws IOException {
      String done;
      try (MasterGroup group = master.clusters().masters(master.masters())) {
        done = run(group);
      }
      around.out().line(done);
      around.out().flush();
      return CommandRunner.OK;
    }

    /** The address of a master that is meant by its name or its address. */
    final HostPort meant(String word) throws IOException {
      for (Map.Entry<HostPort, String> named : master.names().entrySet()) {
        if (named.getValue().equals(word)) {
          return named.getKey();
        }
      }
      return HostPort.parsePeer(word);
    }
  }

  /** Has another master lead. */
  @Command(
      name = "lead",
      description = {
        "Have another master lead, without an interruption that applications notice.",
        "Without MASTER, the one that has most of the log."
      })
  static final class Lead extends Part {

    @Parameters(
        arity = "0..1",
        paramLabel = "MASTER",
        description = "The master that is to lead: its HOST:PORT, or its name.")
    private String to;

    Lead(Surroundings around) {
      super(around);
    }

    @Override
    String run(MasterGroup group) throws IOException {
      return "the master at " + group.lead(to == null ? "" : meant(to).toString()) + " leads";
    }
  }

  /** Makes a master one of the others. */
  @Command(
      name = "add",
      description = {
        "Add a master to the cluster.",
        "It was started on an empty directory, with the addresses of the others in --peers. It gets"
            + " everything from them before it counts."
      })
  static final class Add extends Part {

    @Parameters(paramLabel = "HOST:PORT", description = "The address of its control port.")
    private String added;

    Add(Surroundings around) {
      super(around);
    }

    @Override
    String run(MasterGroup group) throws IOException {
      HostPort address = HostPort.parsePeer(added);
      group.add(address);
      return "the master at " + address + " is added";
    }
  }

  /** Takes a master away. */
  @Command(
      name = "remove",
      description = {
        "Take a master away from the cluster, whether it runs or not.",
        "Its directory stays where it is, and is of no more use."
      })
  static final class Remove extends Part {

    @Parameters(paramLabel = "MASTER", description = "Its HOST:PORT, or its name.")
    private String removed;

    Remove(Surroundings around) {
      super(around);
    }

    @Override
    String run(MasterGroup group) throws IOException {
      HostPort address = meant(removed);
      group.remove(address);
      return "the master at " + address + " is removed";
    }
  }

  static List<Object> parts(Surroundings around) {
    return List.of(new Lead(around), new Add(around), new Remove(around));
  }
}
