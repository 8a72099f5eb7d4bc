package dev.cairn.client.command;

import dev.cairn.client.path.Names;
import dev.cairn.client.path.Tree;
import dev.cairn.client.transfer.Progress;
import dev.cairn.client.transfer.Workers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What put and get have in common: sources and a target, workers, a progress bar, a count. */
abstract class TransferCommand extends FileCommand {

  static final String STREAM = "-";

  @Spec private CommandSpec spec;

  @Option(
      names = {"-r", "-R", "--recursive"},
      description = "Copy directories with everything in them.")
  private boolean recursive;

  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "N",
      defaultValue = "8",
      description = "How many files are under way at a time (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress bar.")
  private boolean quiet;

  @Parameters(
      arity = "2..*",
      paramLabel = "PATH",
      description = "One or more sources, then the target.")
  private List<String> paths;

  private final AtomicInteger failures = new AtomicInteger();
  private Progress progress;

  TransferCommand(Surroundings around) {
    super(around);
  }

  /** Copies everything; failures go to the workers. */
  abstract void copy(Tree tree, Workers workers, LongConsumer progress) throws IOException;

  /** How many bytes there are to copy; asked only when somebody looks. */
  abstract long expected(Tree tree) throws IOException;

  final List<String> sources() {
    return paths.subList(0, paths.size() - 1);
  }

  final String target() {
    return paths.get(paths.size() - 1);
  }

  final boolean isRecursive() {
    return recursive;
  }

  @Override
  void check() {
    if (jobs < 1 || jobs > 256) {
      throw new IllegalArgumentException("--jobs is between 1 and 256");
    }
    if (sources().contains(STREAM) && sources().size() > 1) {
      throw new IllegalArgumentException("'-' is the only source where it is one");
    }
  }

  @Override
  final void run(Tree tree) throws IOException {
    boolean watched = around().terminal().err() && !quiet;
    try (Workers workers = new Workers(jobs, this::fail)) {
      if (watched) {
        progress =
            new Progress(
                spec.commandLine().getErr(), around().terminal().columns(), System::nanoTime);
        progress.expect(expected(tree));
      }
      copy(tree, workers, watched ? progress : bytes -> {});
    } finally {
      if (progress != null) {
        progress.close();
      }
    }
    if (failures.get() > 0 && recursive) {
      failed(failures.get() == 1 ? "1 path failed" : failures.get() + " paths failed");
    }
  }

  /** Says a failure, counted. Any thread. */
  final void fail(String sentence) {
    failures.incrementAndGet();
    String shown = Names.printable(sentence);
    if (progress == null) {
      failed(shown);
    } else {
      progress.interrupt(() -> failed(shown));
    }
  }
}
