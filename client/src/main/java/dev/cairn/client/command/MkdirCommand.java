package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Place;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes directories. */
@Command(
    name = "mkdir",
    description = "Make directories.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn mkdir /data",
      "  cairn mkdir -p /data/2024/07     with what is missing on the way",
      "  cairn mkdir -m 700 /private"
    })
final class MkdirCommand extends FileCommand {

  @Option(
      names = {"-p", "--parents"},
      description = "Make missing parents; a directory that is there is no error.")
  private boolean parents;

  @Option(
      names = {"-m", "--mode"},
      paramLabel = "MODE",
      description = "Permissions in octal; 777 without the umask's bits otherwise.")
  private String mode;

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "The directories to make.")
  private List<String> paths;

  private int permissions;

  MkdirCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    if (mode != null && !mode.matches("[0-7]{1,4}")) {
      throw new IllegalArgumentException("'" + mode + "' is no octal mode such as 755");
    }
  }

  @Override
  void run(Tree tree) throws IOException {
    Caller caller = ThisProcess.caller();
    int usual = 0777 & ~ThisProcess.umask();
    permissions = mode == null ? usual : Integer.parseInt(mode, 8);
    each(
        paths,
        path -> {
          if (parents) {
            makeAll(tree, caller, path, usual);
          } else {
            Place place = tree.place(path);
            Answers.of(
                tree.vfs().makeDirectory(caller, place.parent(), place.name(), permissions), path);
          }
        });
  }

  private void makeAll(Tree tree, Caller caller, String path, int usual) throws IOException {
    List<ByteString> components = Tree.components(path);
    String at = "/";
    for (int i = 0; i < components.size(); i++) {
      at = Tree.join(at, components.get(i));
      if (!isDirectory(tree, at)) {
        Place place = tree.place(at);
        int bits = i == components.size() - 1 ? permissions : usual;
        try {
          Answers.of(tree.vfs().makeDirectory(caller, place.parent(), place.name(), bits), path);
        } catch (CairnException e) {
          if (e.code() != ErrorCode.EXISTS || !isDirectory(tree, at)) {
            throw e;
          }
        }
      }
    }
  }

  private static boolean isDirectory(Tree tree, String path) throws CairnException {
    try {
      Node node = tree.resolve(path);
      if (!node.isDirectory()) {
        throw ErrorCode.NOT_DIRECTORY.because(path + ": there is something that is no directory");
      }
      return true;
    } catch (CairnException e) {
      if (e.code() == ErrorCode.NO_ENTRY) {
        return false;
      }
      throw e;
    }
  }
}
