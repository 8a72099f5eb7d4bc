package dev.cairn.master;

import dev.cairn.master.fsck.TablesCheck;
import dev.cairn.master.store.ReadOnlyTables;
import dev.cairn.rpc.backup.Tree;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.VersionOption;
import dev.cairn.rpc.proto.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cairn check-tables}: reads the tables of a master that does not run, or of a backup. */
@Command(
    name = "cairn check-tables",
    mixinStandardHelpOptions = true,
    versionProvider = VersionOption.class,
    description = {
      "Check the tables of a backup, or of a master that does not run.",
      "",
      "Every block is read and compared with its checksum; then names, extents and counts are"
          + " compared with each other, as 'cairn fsck' does. Nothing is changed.",
    },
    footer = {"", "Examples:", "  cairn check-tables /mnt/other/cairn-monday/tables"})
public final class CheckTablesCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The directory 'tables'.")
  private Path directory;

  private long problems;

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new CheckTablesCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    Path scratch = Files.createTempDirectory("cairn-check-tables");
    try (ReadOnlyTables tables = ReadOnlyTables.open(directory, scratch)) {
      tables.verifyChecksums();
      long inodes = TablesCheck.run(tables, this::show);
      System.out.printf(
          "checked %d inodes in %s: %s%n",
          inodes, directory, problems == 0 ? "nothing is wrong" : problems + " problems");
    } finally {
      Tree.remove(scratch);
    }
    return problems == 0 ? CommandRunner.OK : CommandRunner.FAILED;
  }

  private void show(Finding finding) {
    problems++;
    String path = finding.getPath().toStringUtf8();
    System.out.println((path.isEmpty() ? "" : path + ": ") + finding.getWhat());
  }
}
