package dev.cairn.client.command;

import dev.cairn.client.cluster.ClusterClient;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lets chunk servers delete again after the master has lost changes. */
@Command(
    name = "resume-deletions",
    description = {
      "Let chunk servers delete again, after the master has lost changes.",
      "While they do not, the chunks of files that were lost are still there: restore the master's"
          + " directory from a backup first, if there is one. Afterwards chunks that no file has"
          + " go to the quarantine of their servers, and are deleted there after 24 hours."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn fsck && cairn resume-deletions"})
final class ResumeDeletionsCommand implements Callable<Integer> {

  @Mixin private MasterOption master;

  private final Surroundings around;

  ResumeDeletionsCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    try (ClusterClient client = new ClusterClient(master.masters())) {
      String reason = client.resumeDeletions();
      around
          .out()
          .line(
              reason.isEmpty()
                  ? "deletions are not held"
                  : "chunk servers delete again; they did not, because " + reason);
      around.out().flush();
      return CommandRunner.OK;
    }
  }
}
