package dev.cairn.client.command;

import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.client.transfer.Download;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks the cluster's metadata and replicas, and with {@code --read} every byte. */
@Command(
    name = "fsck",
    description = {
      "Check names, extents, reference counts and replicas, beside a working cluster.",
      "Each problem is a line: where, what is wrong, and what to do. The last line sums up. Exits"
          + " with 0 when nothing is wrong (any longer), otherwise with 1."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn fsck                       everything",
      "  cairn fsck /home/ann             what is there and below, without counts that need a look",
      "                                   at everything: links of files, references of chunks",
      "  cairn fsck --repair              counts anew, drops names of nothing, and gives what has",
      "                                   lost its name one in /lost+found; loses nothing",
      "  cairn fsck --read /home/ann      reads every file there, too ('cairn scrub' has the"
          + " servers",
      "                                   check all replicas, not just one of each)"
    })
final class FsckCommand implements Callable<Integer> {

  @Mixin private MasterOption master;

  @Option(names = "--repair", description = "Put right what can be without losing anything.")
  private boolean repair;

  @Option(names = "--read", description = "Read every file, too, as a client does.")
  private boolean read;

  @Option(names = "--json", description = "Answer with a JSON object.")
  private boolean json;

  @Parameters(arity = "0..1", paramLabel = "PATH", description = "Where; without it: everything.")
  private String path = "/";

  private final Surroundings around;
  private final List<Object> items = new ArrayList<>();
  private final Set<Long> lost = new HashSet<>();
  private CheckPage last = CheckPage.getDefaultInstance();
  private long problems;
  private long repaired;
  private long repairable;
  private long filesRead;
  private long bytesRead;

  FsckCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException {
    CheckRequest request =
        CheckRequest.newBuilder().setPath(Names.bytes(path)).setRepair(repair).build();
    master.clusters().check(master.masters(), request, this::show);
    if (read) {
      readAll();
    }
    if (json) {
      around.out().line(Json.of(facts()));
    } else {
      around.out().line(summary());
    }
    around.out().flush();
    return problems == repaired ? CommandRunner.OK : CommandRunner.FAILED;
  }

  private void show(CheckPage page) throws IOException {
    last = page;
    for (Finding finding : page.getFindingsList()) {
      repairable += finding.getRepairable() ? 1 : 0;
      if (finding.getKind() == FindingKind.LOST_DATA
          || finding.getKind() == FindingKind.NO_CHUNK_OF_EXTENT) {
        lost.add(finding.getInode());
      }
      found(
          finding.getKind().name().toLowerCase(Locale.ROOT),
          Names.text(finding.getPath()),
          finding.getWhat(),
          finding.getRepaired() ? "repaired" : finding.getAdvice(),
          finding.getRepaired());
    }
  }

  private void found(String kind, String where, String what, String advice, boolean mended)
      throws IOException {
    problems++;
    repaired += mended ? 1 : 0;
    if (json) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("kind", kind);
      item.put("path", where);
      item.put("what", what);
      item.put("advice", advice);
      item.put("repaired", mended);
      items.add(item);
      return;
    }
    String shown = around.terminal().out() ? Names.printable(where) : where;
    around.out().line((shown.isEmpty() ? "" : shown + ": ") + what + "; " + advice);
  }

  private void readAll() throws IOException {
    try (Vfs vfs = master.files()) {
      Tree tree = new Tree(vfs);
      read(tree, tree.resolveLink(path));
    }
  }

  private void read(Tree tree, Node node) throws IOException {
    if (node.isRegular()) {
      readFile(tree, node);
    } else if (node.isDirectory()) {
      List<Node> directories = new ArrayList<>();
      tree.list(
          node,
          entry -> {
            Node below = new Node(Tree.join(node.path(), entry.name()), entry.attributes());
            if (entry.type() == FileType.DIRECTORY) {
              directories.add(below);
            } else {
              read(tree, below);
            }
          });
      for (Node directory : directories) {
        read(tree, directory);
      }
    }
  }

  private void readFile(Tree tree, Node file) throws IOException {
    filesRead++;
    try {
      Download.content(tree.vfs(), file, new Nowhere(), bytes -> bytesRead += bytes);
    } catch (Output.Gone e) {
      throw e;
    } catch (IOException e) {
      if (lost.contains(file.inode())) {
        return;
      }
      found(
          "unreadable",
          file.path(),
          "it cannot be read: " + CommandRunner.oneLine(e),
          "see what 'cairn status' says; restore it from a copy if its chunks are lost",
          false);
    }
  }

  private String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "checked %s, %s, %s",
            counted(last.getInodes(), "inode"),
            counted(last.getNames(), "name"),
            counted(last.getExtents(), "extent")));
    if (last.getChunks() > 0) {
      text.append(", ").append(counted(last.getChunks(), "chunk"));
    }
    if (read) {
      text.append("; read ")
          .append(counted(filesRead, "file"))
          .append(", ")
          .append(counted(bytesRead, "byte"));
    }
    if (last.getUnreportedServers() > 0) {
      text.append("; replicas were not checked: ")
          .append(last.getUnreportedServers())
          .append(" chunk servers have yet to say which chunks they hold");
    }
    text.append(": ").append(problems == 0 ? "nothing is wrong" : counted(problems, "problem"));
    if (repaired > 0) {
      text.append(", ").append(repaired).append(" repaired");
    } else if (repairable > 0 && !repair) {
      text.append(", ").append(repairable).append(" of them can be repaired with --repair");
    }
    return text.toString();
  }

  private static String counted(long number, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
  }

  private Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("inodes", last.getInodes());
    facts.put("names", last.getNames());
    facts.put("extents", last.getExtents());
    facts.put("chunks", last.getChunks());
    facts.put("unreported_servers", last.getUnreportedServers());
    facts.put("files_read", filesRead);
    facts.put("bytes_read", bytesRead);
    facts.put("problems", problems);
    facts.put("repaired", repaired);
    facts.put("findings", items);
    return facts;
  }

  /** Takes bytes and forgets them: reading them was what mattered. */
  private static final class Nowhere implements WritableByteChannel {

    @Override
    public int write(ByteBuffer from) {
      int length = from.remaining();
      from.position(from.limit());
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
