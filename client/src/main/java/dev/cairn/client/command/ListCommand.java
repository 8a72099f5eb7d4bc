package dev.cairn.client.command;

import dev.cairn.client.command.Shown.Accounts;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists directories. */
@Command(
    name = "ls",
    description = {
      "List files and directories, in the order of their names.",
      "A directory of more than 100,000 entries is listed unsorted."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn ls                 the root directory",
      "  cairn ls -lh /data       with modes, owners, sizes and times",
      "  cairn ls -R --json /     everything, for scripts"
    })
final class ListCommand extends FileCommand {

  @Option(names = "-l", description = "Show modes, links, owners, sizes and times.")
  private boolean isLong;

  @Option(
      names = {"-a", "--all"},
      description = "Show names that begin with a dot, too.")
  private boolean all;

  @Option(
      names = {"-R", "--recursive"},
      description = "Go down into directories.")
  private boolean recursive;

  @Option(names = "-d", description = "Show directories themselves, not what is in them.")
  private boolean itself;

  @Option(names = "-h", description = "Show sizes with units.")
  private boolean human;

  @Option(names = "--json", description = "Answer with a JSON array.")
  private boolean json;

  @Parameters(paramLabel = "PATH", description = "What to list; the root without one.")
  private List<String> paths = List.of("/");

  private final List<Object> items = new ArrayList<>();
  private Accounts users;
  private Accounts groups;
  private boolean several;

  ListCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Tree tree) throws IOException {
    users = Accounts.users();
    groups = Accounts.groups();
    several = paths.size() > 1 || recursive;
    List<Node> directories = new ArrayList<>();
    each(
        paths,
        path -> {
          Node node = isLong || itself ? tree.resolveLink(path) : tree.resolve(path);
          if (node.isDirectory() && !itself) {
            directories.add(node);
          } else {
            show(tree, path, path, node.attributes());
          }
        });
    boolean first = items.isEmpty() && directories.size() == paths.size();
    for (Node directory : directories) {
      try {
        directory(tree, directory, first);
      } catch (Output.Gone e) {
        throw e;
      } catch (IOException e) {
        failed(CommandRunner.oneLine(e));
      }
      first = false;
    }
    if (json) {
      out().line(Json.of(items));
    }
  }

  private void directory(Tree tree, Node directory, boolean first) throws IOException {
    if (several && !json) {
      out().line((first ? "" : "\n") + shown(directory.path()) + ":");
    }
    List<Node> below = new ArrayList<>();
    tree.listByName(
        directory,
        entry -> {
          if (all || entry.name().byteAt(0) != '.') {
            show(tree, directory, entry);
            if (recursive && entry.type() == FileType.DIRECTORY) {
              below.add(new Node(Tree.join(directory.path(), entry.name()), entry.attributes()));
            }
          }
        });
    for (Node next : below) {
      directory(tree, next, false);
    }
  }

  private void show(Tree tree, Node directory, DirectoryEntry entry) throws IOException {
    String path = Tree.join(directory.path(), entry.name());
    show(tree, Names.text(entry.name()), path, entry.attributes());
  }

  private void show(Tree tree, String name, String path, Attributes attributes) throws IOException {
    if (json) {
      items.add(item(path, attributes));
    } else if (isLong) {
      String target =
          attributes.getType() == FileType.SYMLINK
              ? " -> "
                  + shown(
                      Names.text(Answers.of(tree.vfs().readSymlink(attributes.getInode()), path)))
              : "";
      out()
          .format(
              "%s %3d %-8s %-8s %12s %s %s%s",
              Shown.mode(attributes),
              attributes.getLinks(),
              users.name(attributes.getUid()),
              groups.name(attributes.getGid()),
              Shown.size(attributes.getSize(), human),
              Shown.minutes(attributes.getMtime()),
              shown(name),
              target);
    } else {
      out().line(shown(name));
    }
  }

  private static Map<String, Object> item(String path, Attributes attributes) {
    Map<String, Object> item = new LinkedHashMap<>();
    item.put("path", path);
    item.put("type", Shown.type(attributes.getType()));
    item.put("size", attributes.getSize());
    item.put("mode", String.format("%04o", attributes.getPermissions()));
    item.put("links", attributes.getLinks());
    item.put("uid", Integer.toUnsignedLong(attributes.getUid()));
    item.put("gid", Integer.toUnsignedLong(attributes.getGid()));
    item.put("mtime", attributes.getMtime() / 1e9);
    item.put("inode", attributes.getInode());
    return item;
  }
}
