package dev.cairn.client.command;

import dev.cairn.client.cluster.Trash;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What was deleted: shows it, brings it back, and lets it go. */
@Command(
    name = "trash",
    synopsisSubcommandLabel = "ls|restore|empty",
    description = {
      "Show, bring back or let go of what was deleted.",
      "Deleted and replaced files are kept for 24 h unless the master or the directory says"
          + " otherwise (extended attribute user.cairn.trash: a time like 10m, 24h, 7d; 0: not at"
          + " all); what goes first goes earlier when the disks are nearly full."
    },
    commandListHeading = "%nCommands (each with --help):%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn trash ls /home/ann",
      "  cairn trash restore /home/ann/thesis.tex",
      "  cairn trash restore /home/ann/thesis    a directory with all that was deleted below it",
      "  cairn trash restore 1234 --to /tmp/old  an entry, as 'ls' numbers it, somewhere else",
      "  cairn trash empty --all",
      "  setfattr -n user.cairn.trash -v 0 /mnt/cairn/scratch"
    })
final class TrashCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "ls, restore or empty?");
  }

  /** One of the commands. */
  abstract static class Part implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private MasterOption master;

    private final Surroundings around;
    private boolean failed;

    Part(Surroundings around) {
      this.around = around;
      this.master = new MasterOption(around);
    }

    /** Does the work. */
    abstract void run(Trash trash) throws IOException;

    @Override
    public final Integer call() throws IOException {
      check();
      try (Trash trash = master.clusters().trash(master.masters())) {
        run(trash);
      }
      out().flush();
      return failed ? CommandRunner.FAILED : CommandRunner.OK;
    }

    /** Refuses arguments that mean nothing with an {@link IllegalArgumentException}. */
    void check() {}

    final Output out() {
      return around.out();
    }

    /** Says what failed; the exit code will be 1. */
    final void failed(String sentence) {
      failed = true;
      spec.commandLine().getErr().println(spec.qualifiedName() + ": " + sentence);
    }
  }
}
