package dev.cairn.client.command;

import dev.cairn.client.local.ClusterDirectory;
import dev.cairn.client.local.ClusterSettings;
import dev.cairn.client.local.Launcher;
import dev.cairn.client.local.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Stops a cluster on this machine. */
@Command(
    name = "down",
    description = {
      "Unmount and stop the cluster that 'cairn up' started.",
      "Its data stays, and the next 'cairn up' starts it again."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn down", "  cairn down --dir /srv/cairn"})
final class DownCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The cluster's directory; that of the last 'cairn up' without it.")
  private Path directory;

  private final Surroundings around;

  DownCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    ClusterDirectory place =
        new ClusterDirectory(directory == null ? around.lastCluster().orUsual() : directory);
    ClusterSettings settings = ClusterSettings.read(place.root());
    int ended =
        new LocalCluster(place, settings, Launcher.ofThisProcess())
            .stop(sentence -> spec.commandLine().getErr().println("cairn down: " + sentence));
    around
        .out()
        .line(
            ended == 0
                ? "Nothing was running."
                : "Stopped. The data stays in " + place.root() + " for the next 'cairn up'.");
    around.out().flush();
    return 0;
  }
}
