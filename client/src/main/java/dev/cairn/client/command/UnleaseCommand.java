package dev.cairn.client.command;

import dev.cairn.client.cluster.Leases;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a lease back. */
@Command(
    name = "unlease",
    description = {
      "Give back a lease that 'cairn lease' took, as the same user at the same machine.",
      "With --force, end anybody's: what its holder has written and not committed by then is"
          + " refused, and lost."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  cairn unlease /reports/may.csv", "  cairn unlease --force /reports/may.csv"})
final class UnleaseCommand extends FileCommand {

  @Option(names = "--force", description = "End it, whoever has it.")
  private boolean force;

  @Parameters(paramLabel = "PATH", description = "The file.")
  private String path;

  UnleaseCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Tree tree) throws IOException {
    Node file = tree.resolve(path);
    if (!force) {
      Answers.of(tree.vfs().removeXattr(file.inode(), Vfs.LEASE), path);
      return;
    }
    try (Leases leases = master().clusters().leases(master().masters())) {
      String holder = leases.end(file.inode());
      if (holder.isEmpty()) {
        throw ErrorCode.NO_ATTRIBUTE.because(Names.printable(path) + ": nobody has a lease of it");
      }
      out().line(shown(path) + ": was leased to " + shown(holder));
    }
  }
}
