package dev.cairn.client.command;

import dev.cairn.client.path.Names;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A command on the files of a cluster: opens a session, does its work, and says each thing that
 * failed in one line while it goes on with the rest.
 */
abstract class FileCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private MasterOption master;

  private final Surroundings around;
  private boolean failed;

  FileCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  /** Does the command's work on the cluster's files. */
  abstract void run(Tree tree) throws IOException;

  @Override
  public final Integer call() throws IOException {
    check();
    try (Vfs vfs = master.files()) {
      run(new Tree(vfs));
    }
    out().flush();
    return failed ? CommandRunner.FAILED : CommandRunner.OK;
  }

  /** Refuses arguments that contradict each other with an {@link IllegalArgumentException}. */
  void check() {}

  final Surroundings around() {
    return around;
  }

  final MasterOption master() {
    return master;
  }

  final Output out() {
    return around.out();
  }

  /** The name as it is to be shown: without control characters where people look. */
  final String shown(String name) {
    return around.terminal().out() ? Names.printable(name) : name;
  }

  /** Says what failed; the exit code will be 1. Any thread. */
  final synchronized void failed(String sentence) {
    failed = true;
    spec.commandLine().getErr().println(spec.qualifiedName() + ": " + sentence);
  }

  /** Work on one of several paths. */
  @FunctionalInterface
  interface Work {
    void on(String path) throws IOException;
  }

  /** Does the work on each path; what fails for one does not keep the others from it. */
  final void each(List<String> paths, Work work) throws IOException {
    for (String path : paths) {
      try {
        work.on(path);
      } catch (Output.Gone e) {
        throw e;
      } catch (IOException e) {
        failed(CommandRunner.oneLine(e));
      }
    }
  }
}
