package dev.cairn.client.command;

import dev.cairn.client.local.ClusterDirectory;
import dev.cairn.client.local.ClusterSettings;
import dev.cairn.client.local.LocalCluster;
import dev.cairn.rpc.backup.Backup;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a master's directory of a backup. */
@Command(
    name = "restore",
    description = {
      "Make a master's data directory of a backup.",
      "The master that is started on it knows what was there when the backup was made. Nothing is"
          + " deleted on chunk servers until you have looked ('cairn fsck') and said so ('cairn"
          + " resume-deletions'): they may hold the only trace of later files."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn restore --data /var/lib/cairn/master /mnt/other/cairn-monday",
      "  cairn restore --dir /srv/cairn /mnt/other/cairn-monday && cairn up --dir /srv/cairn"
    })
final class RestoreCommand implements Callable<Integer> {

  /** Where to. */
  private static final class Place {

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "The master's data directory: a new or empty one.")
    private Path data;

    @Option(
        names = "--dir",
        paramLabel = "DIR",
        description =
            "The directory of a cluster that 'cairn up' started on this machine, and that does not"
                + " run. What its master had is kept aside.")
    private Path directory;
  }

  @ArgGroup(multiplicity = "1")
  private Place place;

  @Parameters(paramLabel = "TARGET", description = "The directory of the backup.")
  private Path target;

  @Spec private CommandSpec spec;

  private final Surroundings around;

  RestoreCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    Backup backup = Backup.in(target);
    if (place.data != null) {
      backup.restoreTo(place.data);
      say(backup, place.data, "start the master: cairn master --data " + place.data + " ...");
    } else {
      restoreCluster(backup, new ClusterDirectory(place.directory));
    }
    around.out().flush();
    return CommandRunner.OK;
  }

  private void restoreCluster(Backup backup, ClusterDirectory directory) throws IOException {
    ClusterSettings settings = ClusterSettings.read(directory.root());
    try (ClusterDirectory.Lock lock =
        directory.lock(sentence -> spec.commandLine().getErr().println(sentence))) {
      LocalCluster cluster = new LocalCluster(directory, settings, null);
      Path aside = cluster.restoreMaster(lock, backup, Instant.now());
      say(backup, directory.root(), "start the cluster: cairn up --dir " + directory.root());
      if (aside != null) {
        around.out().line("What the master had before is kept in " + aside + ".");
      }
    }
  }

  private void say(Backup backup, Path where, String start) throws IOException {
    around.out().line("restored " + BackupCommand.shown(backup.manifest()) + ", to " + where);
    around.out().line("Next, " + start);
    around
        .out()
        .line("Then look at 'cairn status' and 'cairn fsck', and run 'cairn resume-deletions'.");
  }
}
