package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Tree;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashEntry;
import dev.cairn.rpc.proto.TrashOutcome;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings back what is in the trash. */
@Command(
    name = "restore",
    description = {
      "Bring back what was deleted: to where it was, or with --to elsewhere.",
      "Of a directory, deleted or not, everything comes back that was deleted below it: of each"
          + " name what was deleted last, unless there is something of that name again. Directories"
          + " come back with their owners, modes and times."
    })
final class TrashRestoreCommand extends TrashCommand.Part {

  @Option(
      names = "--to",
      paramLabel = "PATH",
      description = "The new place: a name that is not taken, or a directory to put it into.")
  private String to;

  @Parameters(
      paramLabel = "ENTRY|PATH",
      description = "A number, as 'cairn trash ls' shows it, or the path it had (with a slash).")
  private String what;

  private long restored;
  private long left;
  private boolean failed;

  TrashRestoreCommand(Surroundings around) {
    super(around);
  }

  @Override
  int run(Trash trash) throws IOException {
    if (what.matches("\\d{1,18}")) {
      long inode = Long.parseLong(what);
      top(trash, inode);
      below(trash, inode);
    } else {
      path(trash);
    }
    out().line("restored " + restored + (restored == 1 ? " entry" : " entries"));
    if (left > 0) {
      out().line(left + " stay in the trash: something has, or later had, their name");
    }
    return failed ? CommandRunner.FAILED : CommandRunner.OK;
  }

  private void path(Trash trash) throws IOException {
    FindTrashReply found = trash.find(Names.bytes(what));
    boolean livingDirectory = found.getInode() != 0 && found.getType() == FileType.DIRECTORY;
    if (!found.hasEntry() && !livingDirectory) {
      throw ErrorCode.NO_ENTRY.because(
          Names.printable(what) + ": is not in the trash ('cairn trash ls' shows what is)");
    }
    if (livingDirectory && to == null) {
      below(trash, found.getInode());
    } else {
      top(trash, inode(found.getEntry()));
    }
    if (found.hasEntry() && found.getEntry().getAttributes().getType() == FileType.DIRECTORY) {
      below(trash, inode(found.getEntry()));
    }
  }

  private static long inode(TrashEntry entry) {
    return entry.getAttributes().getInode();
  }

  /** Restores what was asked for itself. */
  private void top(Trash trash, long inode) throws IOException {
    RestoreTrashRequest.Builder request = RestoreTrashRequest.newBuilder().addInodes(inode);
    if (to != null) {
      target(trash, request);
    }
    TrashOutcome outcome = trash.restore(request.build()).get(0);
    if (outcome.getCode() != 0) {
      ErrorCode code = ErrorCode.ofNumber(outcome.getCode());
      String hint = code == ErrorCode.EXISTS && to == null ? " (--to puts it elsewhere)" : "";
      throw code.because(Names.printable(what) + ": " + outcome.getMessage() + hint);
    }
    restored++;
  }

  private void target(Trash trash, RestoreTrashRequest.Builder request) throws IOException {
    FindTrashReply there = trash.find(Names.bytes(to));
    if (there.getInode() != 0 && there.getType() == FileType.DIRECTORY) {
      request.setToParent(there.getInode());
      return;
    }
    List<ByteString> components = Tree.components(to);
    String above = "/";
    for (ByteString component : components.subList(0, components.size() - 1)) {
      above = Tree.join(above, component);
    }
    FindTrashReply parent = trash.find(Names.bytes(above));
    if (parent.getInode() == 0 || parent.getType() != FileType.DIRECTORY) {
      throw ErrorCode.NO_ENTRY.because(Names.printable(above) + ": there is no such directory");
    }
    request.setToParent(parent.getInode()).setToName(components.get(components.size() - 1));
  }

  /** Restores everything that was deleted below a directory. */
  private void below(Trash trash, long directory) throws IOException {
    trash.each(
        ListTrashRequest.newBuilder().setBelowInode(directory).build(),
        page -> {
          RestoreTrashRequest.Builder request =
              RestoreTrashRequest.newBuilder().setNewestOnly(true);
          page.forEach(entry -> request.addInodes(inode(entry)));
          for (TrashOutcome outcome : trash.restore(request.build())) {
            count(outcome);
          }
        });
  }

  private void count(TrashOutcome outcome) throws IOException {
    if (outcome.getCode() == 0) {
      restored++;
    } else if (outcome.getCode() == ErrorCode.EXISTS.number()) {
      left++;
    } else if (outcome.getCode() != ErrorCode.NO_ENTRY.number()) {
      failed = true;
      out().line("entry " + outcome.getInode() + ": " + outcome.getMessage());
    }
  }
}
