package dev.cairn.client.command;

import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.client.transfer.Download;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes files to standard output. */
@Command(
    name = "cat",
    description = "Write files to standard output.",
    footerHeading = "%nExamples:%n",
    footer = {"  cairn cat /notes.txt", "  cairn cat /logs/1 /logs/2 | grep error"})
final class CatCommand extends FileCommand {

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "The files, in this order.")
  private List<String> paths;

  CatCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Tree tree) throws IOException {
    each(
        paths,
        path -> {
          Node file = tree.resolve(path);
          Download.content(tree.vfs(), file, out().channel(), bytes -> {});
        });
  }
}
