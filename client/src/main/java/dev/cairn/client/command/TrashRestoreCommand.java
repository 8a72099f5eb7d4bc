package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Tree;
import dev.cairn.rpc.PathComponents;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashEntry;
import dev.cairn.rpc.proto.TrashOutcome;
import java.io.IOException;
import java.util.ArrayList;
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
  private long older;
  private long inTheWay;

  TrashRestoreCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    if ("".equals(to) || what.isEmpty()) {
      throw new IllegalArgumentException("a path is empty");
    }
  }

  @Override
  void run(Trash trash) throws IOException {
    if (what.matches("\\d{1,18}")) {
      long inode = Long.parseLong(what);
      top(trash, inode);
      below(trash, inode);
    } else {
      path(trash);
    }
    out().line("restored " + Shown.count(restored, "entry", "entries"));
    if (older > 0) {
      out()
          .line(
              Shown.count(older, "older version stays", "older versions stay")
                  + " in the trash: 'cairn trash ls' has their numbers");
    }
    if (inTheWay > 0) {
      out().line(inTheWay + " could not be restored");
    }
  }

  private void path(Trash trash) throws IOException {
    FindTrashReply found = trash.find(Names.bytes(what));
    boolean livingDirectory = found.getInode() != 0 && found.getType() == FileType.DIRECTORY;
    boolean inPlace = livingDirectory && to == null;
    TrashEntry entry = found.hasEntry() || inPlace ? found.getEntry() : listed(trash);
    if (inPlace) {
      below(trash, found.getInode());
    } else {
      top(trash, inode(entry));
    }
    if (entry.getAttributes().getType() == FileType.DIRECTORY) {
      below(trash, inode(entry));
    }
    if (restored + older + inTheWay == 0) {
      throw notThere();
    }
  }

  /** The entry with that path that was deleted last, also of a directory that was made again. */
  private TrashEntry listed(Trash trash) throws IOException {
    List<TrashEntry> last = new ArrayList<>();
    ByteString path = Names.bytes(what);
    trash.each(
        ListTrashRequest.newBuilder().setPath(path).build(),
        page -> {
          for (TrashEntry entry : page) {
            boolean it = PathComponents.of(entry.getPath()).equals(PathComponents.of(path));
            if (it && (last.isEmpty() || entry.getDeletedAt() >= last.get(0).getDeletedAt())) {
              last.clear();
              last.add(entry);
            }
          }
        });
    if (last.isEmpty()) {
      throw notThere();
    }
    return last.get(0);
  }

  private CairnException notThere() {
    return ErrorCode.NO_ENTRY.because(
        Names.printable(what)
            + ": there is nothing of it to be restored ('cairn trash ls' shows what is in the"
            + " trash)");
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
          List<TrashOutcome> outcomes = trash.restore(request.build());
          for (int i = 0; i < outcomes.size(); i++) {
            count(page.get(i), outcomes.get(i));
          }
        });
  }

  private void count(TrashEntry entry, TrashOutcome outcome) {
    if (outcome.getOlder()) {
      older++;
    } else if (outcome.getCode() == 0) {
      restored++;
    } else if (outcome.getCode() != ErrorCode.NO_ENTRY.number()) {
      inTheWay++;
      failed(
          Names.printable(Names.text(entry.getPath()))
              + " (entry "
              + outcome.getInode()
              + "): "
              + outcome.getMessage());
    }
  }
}
