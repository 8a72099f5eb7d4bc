package dev.cairn.client.command;

import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.PathErrors;
import dev.cairn.client.path.Place;
import dev.cairn.client.path.Tree;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Renames and moves. */
@Command(
    name = "mv",
    description = "Rename a file or directory, or move several into a directory.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn mv /draft.txt /final.txt   replaces /final.txt atomically",
      "  cairn mv /a /b /archive          both into the directory /archive",
      "  cairn mv -n /a /b                not when /b exists"
    })
final class MoveCommand extends FileCommand {

  @Option(
      names = {"-n", "--no-clobber"},
      description = "Replace nothing.")
  private boolean noReplace;

  @Option(names = "-T", description = "Take TARGET as the new name, even where it is a directory.")
  private boolean exact;

  @Parameters(
      arity = "2..*",
      paramLabel = "PATH",
      description = "One or more sources, then the target.")
  private List<String> paths;

  MoveCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    if (exact && paths.size() > 2) {
      throw new IllegalArgumentException("-T takes one source and one target");
    }
  }

  @Override
  void run(Tree tree) throws IOException {
    String target = paths.get(paths.size() - 1);
    Node directory = exact ? null : directory(tree, target);
    if (directory == null && paths.size() > 2) {
      throw ErrorCode.NOT_DIRECTORY.because(
          Names.printable(target) + ": not a directory, and there are several sources");
    }
    each(
        paths.subList(0, paths.size() - 1),
        source -> {
          Place from = tree.place(source);
          if (from.present() == null) {
            throw ErrorCode.NO_ENTRY.because(
                Names.printable(source) + ": no such file or directory");
          }
          Place to =
              directory == null
                  ? tree.place(target)
                  : tree.placeIn(directory, from.name(), Tree.join(target, from.name()));
          rename(tree, from, to);
        });
  }

  private void rename(Tree tree, Place from, Place to) throws CairnException {
    try {
      Answers.of(
          tree.vfs().rename(from.parent(), from.name(), to.parent(), to.name(), noReplace, false));
    } catch (CairnException e) {
      if (e.code() == ErrorCode.INVALID && from.present().isDirectory()) {
        throw ErrorCode.INVALID.because(
            Names.printable(from.path())
                + ": cannot be moved into itself, to "
                + Names.printable(to.path()),
            e);
      }
      throw PathErrors.at(to.path(), e);
    }
  }

  private static Node directory(Tree tree, String path) throws CairnException {
    try {
      Node node = tree.resolve(path);
      return node.isDirectory() ? node : null;
    } catch (CairnException e) {
      if (e.code() == ErrorCode.NO_ENTRY) {
        return null;
      }
      throw e;
    }
  }
}
