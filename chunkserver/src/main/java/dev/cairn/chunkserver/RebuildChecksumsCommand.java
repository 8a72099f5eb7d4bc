package dev.cairn.chunkserver;

import dev.cairn.chunkserver.store.ChecksumRebuilding;
import dev.cairn.rpc.command.CommandRunner;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cairn rebuild-checksums}: trusts the bytes of chunks whose checksums are lost. */
@Command(
    name = "cairn rebuild-checksums",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make new checksums for chunks whose checksums are damaged on every server.",
      "",
      "The bytes are taken as they are: nothing can verify them any more. Stop the chunk server"
          + " first, and start it again afterwards.",
    })
public final class RebuildChecksumsCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "The data of a chunk: DIR/chunks/XX/ID.data in a data directory.")
  private List<Path> files;

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new RebuildChecksumsCommand(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    for (Path file : files) {
      System.out.println(new ChecksumRebuilding(file).run());
    }
    return CommandRunner.OK;
  }
}
