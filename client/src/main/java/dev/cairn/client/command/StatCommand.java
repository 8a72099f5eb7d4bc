package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.PathErrors;
import dev.cairn.client.path.Tree;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows all there is to know of an inode. */
@Command(
    name = "stat",
    description = "Show an inode's attributes, and where its chunks are.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn stat /data/big.iso",
      "  cairn stat -L /current          what the symbolic link points at",
      "  cairn stat --json /data/a /data/b"
    })
final class StatCommand extends FileCommand {

  private static final ByteString CHUNKS = ByteString.copyFromUtf8("user.cairn.chunks");

  @Option(names = "-L", description = "Follow a symbolic link.")
  private boolean follow;

  @Option(names = "--json", description = "Answer with one JSON object for each path.")
  private boolean json;

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "What to look at.")
  private List<String> paths;

  StatCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Tree tree) throws IOException {
    each(
        paths,
        path -> {
          Node node = follow ? tree.resolve(path) : tree.resolveLink(path);
          Map<String, Object> facts = json ? plain(tree, node) : readable(tree, node);
          if (json) {
            out().line(Json.of(facts));
          } else {
            for (Map.Entry<String, Object> fact : facts.entrySet()) {
              out().format("%12s  %s", fact.getKey(), fact.getValue());
            }
          }
        });
  }

  private Map<String, Object> readable(Tree tree, Node node) throws IOException {
    Attributes a = node.attributes();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("path", shown(node.path()));
    facts.put("inode", a.getInode());
    facts.put("type", Shown.type(a.getType()));
    if (node.isSymlink()) {
      facts.put("target", shown(target(tree, node)));
    }
    facts.put("size", a.getSize());
    facts.put("allocated", a.getAllocated());
    facts.put("mode", String.format("%04o (%s)", a.getPermissions(), Shown.mode(a)));
    facts.put("links", a.getLinks());
    facts.put("owner", a.getUid() + " (" + Shown.Accounts.users().name(a.getUid()) + ")");
    facts.put("group", a.getGid() + " (" + Shown.Accounts.groups().name(a.getGid()) + ")");
    facts.put("accessed", Shown.nanos(a.getAtime()));
    facts.put("modified", Shown.nanos(a.getMtime()));
    facts.put("changed", Shown.nanos(a.getCtime()));
    if (a.hasBtime()) {
      facts.put("created", Shown.nanos(a.getBtime()));
    }
    facts.put("chunk size", SizeInBytes.show(a.getChunkSize()));
    facts.put("replicas", a.getReplicas());
    if (node.isRegular()) {
      String chunks = chunks(tree, node);
      facts.put("chunks", chunks.isEmpty() ? "none" : chunks.replace("\n", "\n" + " ".repeat(14)));
    }
    return facts;
  }

  private static Map<String, Object> plain(Tree tree, Node node) throws IOException {
    Attributes a = node.attributes();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("path", node.path());
    facts.put("inode", a.getInode());
    facts.put("type", Shown.type(a.getType()));
    if (node.isSymlink()) {
      facts.put("target", target(tree, node));
    }
    facts.put("size", a.getSize());
    facts.put("allocated", a.getAllocated());
    facts.put("mode", String.format("%04o", a.getPermissions()));
    facts.put("links", a.getLinks());
    facts.put("uid", Integer.toUnsignedLong(a.getUid()));
    facts.put("gid", Integer.toUnsignedLong(a.getGid()));
    facts.put("atime_ns", a.getAtime());
    facts.put("mtime_ns", a.getMtime());
    facts.put("ctime_ns", a.getCtime());
    if (a.hasBtime()) {
      facts.put("btime_ns", a.getBtime());
    }
    facts.put("data_version", a.getDataVersion());
    facts.put("chunk_size", a.getChunkSize());
    facts.put("replicas", a.getReplicas());
    if (node.isRegular()) {
      facts.put("chunks", chunks(tree, node).lines().toList());
    }
    return facts;
  }

  private static String target(Tree tree, Node node) throws CairnException {
    return Names.text(Answers.of(tree.vfs().readSymlink(node.inode()), node.path()));
  }

  /** Where the chunks are, a line for each; empty when the file has none. */
  private static String chunks(Tree tree, Node node) throws CairnException {
    try {
      return Names.text(Answers.of(tree.vfs().getXattr(node.inode(), CHUNKS))).strip();
    } catch (CairnException e) {
      if (e.code() == ErrorCode.NO_ATTRIBUTE) {
        return "";
      }
      throw PathErrors.at(node.path(), e);
    }
  }
}
