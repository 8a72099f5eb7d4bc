package dev.cairn.client.command;

import dev.cairn.client.local.Launcher;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.backup.Backup;
import dev.cairn.rpc.backup.BackupWriter;
import dev.cairn.rpc.backup.Manifest;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies the metadata of a working cluster, and checks such copies. */
@Command(
    name = "backup",
    description = {
      "Copy the metadata of a working cluster to a directory: names, attributes, and which chunks a"
          + " file is made of.",
      "The bytes of files stay on the chunk servers. The directory must not be there; it appears"
          + " when the backup is whole, on the disk, and verified. 'cairn restore' makes a master"
          + " of it. 'cairn master --backup' makes backups by itself."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn backup /mnt/other/cairn-$(date +%F)",
      "  cairn backup --master 10.0.0.1:9420 /mnt/other/cairn-monday",
      "  cairn backup --verify /mnt/other/cairn-monday"
    })
final class BackupCommand implements Callable<Integer> {

  /** The command that looks into tables, for which the master's program is needed. */
  private static final String CHECK_TABLES = "check-tables";

  @Mixin private MasterOption master;

  @Option(
      names = "--verify",
      description =
          "Make no backup: check that one is whole and undamaged, and that its tables fit"
              + " together.")
  private boolean verify;

  @Parameters(paramLabel = "TARGET", description = "The directory of the backup.")
  private Path target;

  private final Surroundings around;

  BackupCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    return verify ? verify() : make();
  }

  private int make() throws IOException {
    try (BackupWriter writer = BackupWriter.to(target)) {
      master.clusters().backup(master.masters(), writer::take);
      Backup.in(target).verify();
      around.out().line("backed up " + shown(writer.manifest()) + ", to " + target);
      around.out().flush();
      return CommandRunner.OK;
    }
  }

  private int verify() throws IOException {
    Backup backup = Backup.in(target);
    backup.verify();
    around.out().line(target + " has no damage: " + shown(backup.manifest()));
    around.out().flush();
    return Launcher.ofThisProcess()
        .run(List.of(CHECK_TABLES, backup.tables().toAbsolutePath().toString()));
  }

  /** What a backup is of, in one line. */
  static String shown(Manifest manifest) {
    return "cluster %s as of %s: %d inodes, %d chunks, %s in %d files"
        .formatted(
            manifest.head().getClusterId(),
            manifest.taken().truncatedTo(ChronoUnit.SECONDS),
            manifest.head().getInodes(),
            manifest.head().getChunks(),
            SizeInBytes.show(manifest.bytes()),
            manifest.files().size());
  }
}
