package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.client.transfer.Download;
import dev.cairn.client.transfer.Workers;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;

/** Copies files and trees out of the cluster. */
@Command(
    name = "get",
    description = {
      "Copy files out of the cluster.",
      "A file appears whole or not at all; every block is checked against its stored checksum,"
          + " permissions and times are kept."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn get /notes.txt .",
      "  cairn get /images/a.iso /images/b.iso ./images",
      "  cairn get -r /www ./site         a tree, with links and empty directories",
      "  cairn get /db.sql - | psql db    into a program"
    })
final class GetCommand extends TransferCommand {

  GetCommand(Surroundings around) {
    super(around);
  }

  @Override
  void copy(Tree tree, Workers workers, LongConsumer progress) throws IOException {
    if (target().equals(STREAM)) {
      each(
          sources(),
          source -> Download.content(tree.vfs(), tree.resolve(source), out().channel(), progress));
      return;
    }
    Download download = new Download(tree, workers, progress);
    Path target = Names.local(target());
    boolean isDirectory = Files.isDirectory(target);
    boolean needed = sources().size() > 1 || (target().endsWith("/") && !isRecursive());
    if (needed && !isDirectory) {
      throw new IOException(
          Names.printable(target())
              + (Files.exists(target) ? ": not a directory" : ": no such directory"));
    }
    Path parent = target.toAbsolutePath().getParent();
    if (!isDirectory && parent != null && !Files.isDirectory(parent)) {
      throw new IOException(
          Names.printable(target())
              + ": the directory it would be in does not exist: make it first");
    }
    for (String source : sources()) {
      try {
        one(tree, download, source, target, isDirectory);
      } catch (IOException e) {
        fail(CommandRunner.oneLine(e));
      }
    }
    download.finish();
  }

  private void one(Tree tree, Download download, String source, Path target, boolean isDirectory)
      throws IOException {
    Node node = isRecursive() ? tree.resolveLink(source) : tree.resolve(source);
    if (node.isDirectory() && !isRecursive()) {
      throw new IOException(Names.printable(source) + ": is a directory (use -r)");
    }
    List<ByteString> components = Tree.components(source);
    ByteString name =
        components.isEmpty() ? ByteString.copyFromUtf8(".") : components.get(components.size() - 1);
    boolean nameless = List.of(".", "..").contains(Names.text(name));
    download.tree(node, isDirectory && !nameless ? Names.local(target, name) : target);
  }

  @Override
  long expected(Tree tree) throws IOException {
    long[] bytes = {0};
    for (String source : sources()) {
      try {
        add(tree, isRecursive() ? tree.resolveLink(source) : tree.resolve(source), bytes);
      } catch (IOException e) {
        // Only the bar is less exact; the copy itself says what cannot be read.
        return 0;
      }
    }
    return bytes[0];
  }

  private void add(Tree tree, Node node, long[] bytes) throws IOException {
    if (node.isRegular()) {
      bytes[0] += node.attributes().getSize();
    } else if (node.isDirectory() && isRecursive()) {
      List<Node> below = new ArrayList<>();
      tree.list(
          node,
          entry -> below.add(new Node(Tree.join(node.path(), entry.name()), entry.attributes())));
      for (Node next : below) {
        add(tree, next, bytes);
      }
    }
  }
}
