package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Place;
import dev.cairn.client.path.Tree;
import dev.cairn.client.transfer.Upload;
import dev.cairn.client.transfer.Workers;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Copies local files and trees into the cluster. */
@Command(
    name = "put",
    description = {
      "Copy local files into the cluster.",
      "A file appears whole or not at all; permissions and times are kept."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn put notes.txt /notes.txt",
      "  cairn put a.iso b.iso /images        into a directory",
      "  cairn put -r ./site /www             a tree, with links and empty directories",
      "  pg_dump db | cairn put - /db.sql     what a program writes"
    })
final class PutCommand extends TransferCommand {

  @Option(
      names = "--verify",
      description =
          "Read every file back over a second session and compare its CRC32C before it appears."
              + " (Lengths and the checksum of every 64 KiB on its way are always checked.)")
  private boolean verify;

  PutCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    super.check();
    if (!target().startsWith("/")) {
      throw new IllegalArgumentException(
          target().isEmpty()
              ? "the target is empty: paths in the cluster begin with '/'"
              : "'"
                  + Names.printable(target())
                  + "' is no path in the cluster, where paths begin with '/': did you mean '/"
                  + Names.printable(target())
                  + "'?");
    }
  }

  @Override
  void copy(Tree tree, Workers workers, LongConsumer progress) throws IOException {
    if (!verify) {
      copy(tree, new Upload(tree, ThisProcess.caller(), null, workers, progress));
      return;
    }
    try (Vfs readBack = master().files()) {
      copy(tree, new Upload(tree, ThisProcess.caller(), readBack, workers, progress));
    }
  }

  private void copy(Tree tree, Upload upload) throws IOException {
    Node directory = directory(tree);
    for (String source : sources()) {
      try {
        one(tree, upload, source, directory);
      } catch (IOException e) {
        fail(CommandRunner.oneLine(e));
      }
    }
    upload.finish();
  }

  private void one(Tree tree, Upload upload, String source, Node directory) throws IOException {
    if (source.equals(STREAM)) {
      upload.stream(
          Channels.newChannel(around().in()), 0666 & ~ThisProcess.umask(), tree.place(target()));
      return;
    }
    Path local = Names.local(source);
    if (!Files.exists(local, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(Names.printable(source) + ": no such file or directory");
    }
    boolean isTree = Files.isDirectory(local);
    if (isTree && !isRecursive()) {
      throw new IOException(Names.printable(source) + ": is a directory (use -r)");
    }
    if (isTree && directory != null && isNameless(local)) {
      upload.into(local, directory);
      return;
    }
    Place place = place(tree, directory, local);
    if (isRecursive()) {
      upload.tree(local, place);
    } else if (!Files.exists(local)) {
      throw new IOException(Names.printable(source) + ": a symbolic link to nothing");
    } else {
      upload.file(local, place);
    }
  }

  private Place place(Tree tree, Node directory, Path local) throws CairnException {
    if (directory == null) {
      return tree.place(target());
    }
    ByteString name = Names.ofFile(local);
    return tree.placeIn(directory, name, Tree.join(target(), name));
  }

  private static boolean isNameless(Path local) {
    Path name = local.getFileName();
    return name == null || name.toString().equals(".") || name.toString().equals("..");
  }

  private Node directory(Tree tree) throws CairnException {
    Node node = null;
    try {
      node = tree.resolve(target());
    } catch (CairnException e) {
      if (e.code() != ErrorCode.NO_ENTRY) {
        throw e;
      }
    }
    boolean needed = sources().size() > 1 || (target().endsWith("/") && !isRecursive());
    if (needed && (node == null || !node.isDirectory())) {
      throw ErrorCode.NOT_DIRECTORY.because(
          Names.printable(target()) + (node == null ? ": no such directory" : ": not a directory"));
    }
    return node != null && node.isDirectory() ? node : null;
  }

  @Override
  long expected(Tree tree) throws IOException {
    long bytes = 0;
    for (String source : sources()) {
      if (source.equals(STREAM)) {
        return 0;
      }
      Path local = Names.local(source);
      if (Files.exists(local)) {
        bytes += expected(local);
      }
    }
    return bytes;
  }

  private long expected(Path local) throws IOException {
    if (!isRecursive() || !Files.isDirectory(local)) {
      return Files.isRegularFile(local) ? Files.size(local) : 0;
    }
    try (Stream<Path> below =
        Files.find(local, Integer.MAX_VALUE, (path, facts) -> facts.isRegularFile())) {
      return below.mapToLong(path -> path.toFile().length()).sum();
    } catch (java.io.UncheckedIOException e) {
      // Only the bar is less exact; the copy itself says what cannot be read.
      return 0;
    }
  }
}
