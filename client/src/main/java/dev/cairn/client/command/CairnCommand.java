package dev.cairn.client.command;

import dev.cairn.client.ClientSettings;
import dev.cairn.client.local.LastCluster;
import dev.cairn.client.path.Names;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.VersionOption;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code cairn}, all of it that needs neither a server's nor a mount's module. */
@Command(
    name = "cairn",
    synopsisSubcommandLabel = "COMMAND",
    description = "A distributed filesystem: files on many machines, mounted or by commands.",
    commandListHeading = "%nFiles, clusters, and a cluster on this machine:%n",
    footer = {
      "",
      "Servers and mounts (each with --help, too):",
      "  master       Run a master: cairn master --data DIR --listen HOST:PORT",
      "  chunkserver  Run a chunk server: cairn chunkserver --master HOST:PORT --data DIR",
      "               --listen HOST:PORT",
      "  rebuild-checksums  Trust a chunk's data whose checksums are damaged on every server",
      "  check-tables  Check the tables of a master that does not run, or of a backup",
      "  mount        Mount a cluster: cairn mount --master HOST:PORT MOUNTPOINT",
      "  umount       Unmount it: cairn umount MOUNTPOINT",
      "",
      "HOST:PORT is that of a master, or of several: HOST:PORT,HOST:PORT,HOST:PORT.",
      "Environment: CAIRN_MASTER=HOST:PORT the cluster to talk to; CAIRN_JAVA_OPTS flags for the",
      "JVM; CAIRN_LOG=FILE log of a command; JAVA_HOME the JDK to use (17 or newer).",
      "Exit codes: 0 done, 1 something failed, 2 wrong usage."
    },
    versionProvider = VersionOption.class)
public final class CairnCommand implements Runnable {

  /** As for a program that SIGPIPE ended: 128 and the signal's number. */
  private static final int NOBODY_READS = 141;

  private static final Map<String, Function<Surroundings, Object>> SUBCOMMANDS = subcommands();

  @Spec private CommandSpec spec;

  private static Map<String, Function<Surroundings, Object>> subcommands() {
    Map<String, Function<Surroundings, Object>> all = new LinkedHashMap<>();
    all.put("up", UpCommand::new);
    all.put("status", StatusCommand::new);
    all.put("down", DownCommand::new);
    all.put("put", PutCommand::new);
    all.put("get", GetCommand::new);
    all.put("cat", CatCommand::new);
    all.put("ls", ListCommand::new);
    all.put("stat", StatCommand::new);
    all.put("mkdir", MkdirCommand::new);
    all.put("mv", MoveCommand::new);
    all.put("rm", RemoveCommand::new);
    all.put("du", UsageCommand::new);
    all.put("lease", LeaseCommand::new);
    all.put("unlease", UnleaseCommand::new);
    all.put("leases", LeasesCommand::new);
    all.put("df", CapacityCommand::new);
    all.put("servers", ServersCommand::new);
    all.put("masters", MastersCommand::new);
    all.put("drain", DrainCommand::new);
    all.put("undrain", UndrainCommand::new);
    all.put("forget", ForgetCommand::new);
    all.put("maintenance", MaintenanceCommand::new);
    all.put("scrub", ScrubCommand::new);
    all.put("resume-deletions", ResumeDeletionsCommand::new);
    all.put("fsck", FsckCommand::new);
    all.put("backup", BackupCommand::new);
    all.put("restore", RestoreCommand::new);
    all.put("trash", around -> new TrashCommand());
    all.put(ShellCommand.NAME, ShellCommand::new);
    return all;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  /** The command line for these arguments; of the subcommands, only one that is meant is made. */
  static CommandLine commandLine(Surroundings around, List<String> arguments) {
    CommandLine line = withHelp(CommandRunner.commandLine(new CairnCommand()));
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("--version")
                .versionHelp(true)
                .description("Show the version.")
                .build());
    String meant = arguments.isEmpty() ? "" : arguments.get(0);
    SUBCOMMANDS.forEach(
        (name, make) -> {
          if (name.equals(meant) || !SUBCOMMANDS.containsKey(meant)) {
            line.addSubcommand(name, withHelp(CommandRunner.commandLine(make.apply(around))));
          }
        });
    CommandLine trash = line.getSubcommands().get("trash");
    if (trash != null) {
      trash.addSubcommand(withHelp(CommandRunner.commandLine(new TrashListCommand(around))));
      trash.addSubcommand(withHelp(CommandRunner.commandLine(new TrashRestoreCommand(around))));
      trash.addSubcommand(withHelp(CommandRunner.commandLine(new TrashEmptyCommand(around))));
    }
    CommandLine masters = line.getSubcommands().get("masters");
    if (masters != null) {
      MastersCommand.parts(around)
          .forEach(part -> masters.addSubcommand(withHelp(CommandRunner.commandLine(part))));
    }
    CommandLine.IExecutionExceptionHandler failed = line.getExecutionExceptionHandler();
    line.setExecutionExceptionHandler(
        (e, command, parsed) ->
            e instanceof Output.Gone
                ? NOBODY_READS
                : failed.handleExecutionException(e, command, parsed));
    CommandLine.IExecutionStrategy plain = line.getExecutionStrategy();
    line.setExecutionStrategy(
        parsed -> {
          // 'cairn help WORD' asks for help on it, which is no answer when there is no such
          // command.
          if (!parsed.hasSubcommand() && !parsed.unmatched().isEmpty()) {
            throw new UnmatchedArgumentException(line, parsed.unmatched());
          }
          return plain.execute(parsed);
        });
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    return line;
  }

  private static CommandLine withHelp(CommandLine line) {
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("--help").usageHelp(true).description("Show this help.").build());
    return line;
  }

  public static void main(String[] arguments) throws IOException {
    Surroundings around =
        new Surroundings(
            System.in,
            Output.standard(),
            Surroundings.Terminal.ofLauncher(),
            System.getenv(),
            new RemoteClusters(ClientSettings.COMMAND_TIMEOUT),
            LastCluster.of(System.getenv()));
    String[] whole = Names.arguments(arguments);
    System.exit(commandLine(around, Arrays.asList(whole)).execute(whole));
  }
}
