package dev.cairn.client.command;

import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.PathErrors;
import dev.cairn.client.path.Place;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes files and trees; of a tree's files, many at a time. */
@Command(
    name = "rm",
    description = "Remove files, or with -r whole trees.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn rm /old.txt",
      "  cairn rm -r /scratch             the directory and everything in it",
      "  cairn rm -rf /a /b               no error for what is not there"
    })
final class RemoveCommand extends FileCommand {

  private static final int MOST_UNDER_WAY = 64;

  @Option(
      names = {"-r", "-R", "--recursive"},
      description = "Remove directories with everything in them.")
  private boolean recursive;

  @Option(
      names = {"-f", "--force"},
      description = "What does not exist is no error.")
  private boolean force;

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "What to remove.")
  private List<String> paths;

  RemoveCommand(Surroundings around) {
    super(around);
  }

  private record Removal(String path, CompletableFuture<Void> done) {}

  @Override
  void run(Tree tree) throws IOException {
    each(paths, path -> remove(tree, path));
  }

  private void remove(Tree tree, String path) throws IOException {
    if (!path.isEmpty() && isRoot(path)) {
      throw ErrorCode.INVALID.because(
          Names.printable(path)
              + ": is the root directory, which cannot be removed: name what is in it");
    }
    Place place;
    try {
      place = tree.place(path);
    } catch (CairnException e) {
      if (force && e.code() == ErrorCode.NO_ENTRY) {
        return;
      }
      throw e;
    }
    Node node = place.present();
    if (node == null) {
      if (!force) {
        throw ErrorCode.NO_ENTRY.because(Names.printable(path) + ": no such file or directory");
      }
    } else if (!node.isDirectory()) {
      Answers.of(tree.vfs().unlink(place.parent(), place.name()), path);
    } else if (!recursive) {
      throw ErrorCode.IS_DIRECTORY.because(Names.printable(path) + ": is a directory (use -r)");
    } else if (empty(tree, node)) {
      Answers.of(tree.vfs().removeDirectory(place.parent(), place.name()), path);
    }
  }

  /** Whether the path leads to the root whatever there is: it is nothing but dots and slashes. */
  private static boolean isRoot(String path) {
    return Tree.components(path).stream()
        .map(Names::text)
        .allMatch(name -> name.equals(".") || name.equals(".."));
  }

  /** Removes all that is in the directory; false when something stayed, which has been said. */
  private boolean empty(Tree tree, Node directory) throws IOException {
    List<DirectoryEntry> below = new ArrayList<>();
    Deque<Removal> underWay = new ArrayDeque<>();
    boolean[] all = {true};
    try {
      tree.list(
          directory,
          entry -> {
            if (entry.type() == FileType.DIRECTORY) {
              below.add(entry);
              return;
            }
            if (underWay.size() == MOST_UNDER_WAY) {
              all[0] &= isGone(underWay.remove());
            }
            underWay.add(
                new Removal(
                    Tree.join(directory.path(), entry.name()),
                    tree.vfs().unlink(directory.inode(), entry.name())));
          });
    } finally {
      while (!underWay.isEmpty()) {
        all[0] &= isGone(underWay.remove());
      }
    }
    for (DirectoryEntry entry : below) {
      Node next = new Node(Tree.join(directory.path(), entry.name()), entry.attributes());
      all[0] &=
          empty(tree, next)
              && isGone(
                  new Removal(
                      next.path(), tree.vfs().removeDirectory(directory.inode(), entry.name())));
    }
    return all[0];
  }

  private boolean isGone(Removal removal) {
    try {
      Answers.of(removal.done());
      return true;
    } catch (CairnException e) {
      if (e.code() == ErrorCode.NO_ENTRY) {
        return true;
      }
      failed(CommandRunner.oneLine(PathErrors.at(removal.path(), e)));
      return false;
    }
  }
}
