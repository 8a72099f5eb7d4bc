package dev.cairn.client.command;

import dev.cairn.client.cluster.Trash;
import dev.cairn.client.path.Names;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ListTrashRequest;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets go of what is in the trash. */
@Command(
    name = "empty",
    description = {
      "Let go, for good, of what was deleted at and below a path.",
      "The disks have the room back when the master's garbage hold is over (60 s by default)."
    })
final class TrashEmptyCommand extends TrashCommand.Part {

  @Option(names = "--all", description = "Everything in the trash.")
  private boolean all;

  @Parameters(arity = "0..1", paramLabel = "PATH", description = "What was at or below this path.")
  private String path;

  TrashEmptyCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    if (all == (path != null) || "".equals(path)) {
      throw new IllegalArgumentException("what? Say a PATH, or --all");
    }
  }

  @Override
  void run(Trash trash) throws IOException {
    ListTrashRequest request =
        ListTrashRequest.newBuilder().setPath(Names.bytes(all ? "" : path)).build();
    long[] gone = {0};
    boolean[] found = {false};
    long before;
    // Again, because a directory goes only when all that was deleted from it is gone.
    do {
      before = gone[0];
      trash.each(
          request,
          page -> {
            found[0] = true;
            gone[0] +=
                trash.empty(page.stream().map(entry -> entry.getAttributes().getInode()).toList());
          });
    } while (gone[0] > before);
    if (!found[0] && !all) {
      throw ErrorCode.NO_ENTRY.because(
          Names.printable(path) + ": nothing that was at or below it is in the trash");
    }
    out().line("let go of " + Shown.count(gone[0], "entry", "entries"));
  }
}
