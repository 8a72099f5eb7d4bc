package dev.cairn.client.command;

import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds up what trees occupy: du(1). */
@Command(
    name = "du",
    description = "Show how much trees occupy, in KiB, before replication.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn du -sh /data /home         one line for each, with units",
      "  cairn du /data                   every directory below, too"
    })
final class UsageCommand extends FileCommand {

  @Option(
      names = {"-s", "--summarize"},
      description = "Show only the paths themselves.")
  private boolean summarize;

  @Option(names = "-h", description = "Show sizes with units.")
  private boolean human;

  @Option(names = "--json", description = "Answer with a JSON array, in bytes.")
  private boolean json;

  @Parameters(paramLabel = "PATH", description = "What to add up; the root without one.")
  private List<String> paths = List.of("/");

  private final Set<Long> counted = new HashSet<>();
  private final List<Object> items = new ArrayList<>();

  UsageCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Tree tree) throws IOException {
    each(
        paths,
        path -> {
          Node node = tree.resolveLink(path);
          long bytes = node.isDirectory() ? below(tree, node, true) : once(node.attributes());
          if (!node.isDirectory()) {
            show(path, bytes);
          }
        });
    if (json) {
      out().line(Json.of(items));
    }
  }

  private long below(Tree tree, Node directory, boolean top) throws IOException {
    long[] bytes = {0};
    List<Node> directories = new ArrayList<>();
    tree.list(
        directory,
        entry -> {
          if (entry.type() == FileType.DIRECTORY) {
            directories.add(
                new Node(Tree.join(directory.path(), entry.name()), entry.attributes()));
          } else {
            bytes[0] += once(entry.attributes());
          }
        });
    directories.sort(Comparator.comparing(Node::path));
    for (Node next : directories) {
      try {
        bytes[0] += below(tree, next, false);
      } catch (Output.Gone e) {
        throw e;
      } catch (IOException e) {
        failed(CommandRunner.oneLine(e));
      }
    }
    if (top || !summarize) {
      show(directory.path(), bytes[0]);
    }
    return bytes[0];
  }

  /** A file with several names counts once. */
  private long once(Attributes attributes) {
    boolean first = attributes.getLinks() < 2 || counted.add(attributes.getInode());
    return first ? attributes.getAllocated() : 0;
  }

  private void show(String path, long bytes) throws IOException {
    if (json) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("path", path);
      item.put("bytes", bytes);
      items.add(item);
    } else {
      String size = human ? Shown.size(bytes, true) : Long.toString((bytes + 1023) / 1024);
      out().line(size + "\t" + shown(path));
    }
  }
}
