package dev.cairn.client.command;

import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs.Capacity;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows how much room there is: df(1). */
@Command(
    name = "df",
    description = {
      "Show how much room the cluster has.",
      "As files see it: what the chunk servers have, divided by the replication factor."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn df -h",
      "  cairn df --json",
      "  cairn servers                    the same by chunk server and disk"
    })
final class CapacityCommand extends FileCommand {

  @Option(names = "-h", description = "Show sizes with units.")
  private boolean human;

  @Option(names = "--json", description = "Answer with a JSON object, in bytes.")
  private boolean json;

  CapacityCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Tree tree) throws IOException {
    Capacity capacity = Answers.of(tree.vfs().capacity());
    String cluster = "cairn:" + master().masters();
    long used = capacity.totalBytes() - capacity.freeBytes();
    if (json) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("filesystem", cluster);
      facts.put("total_bytes", capacity.totalBytes());
      facts.put("used_bytes", used);
      facts.put("free_bytes", capacity.freeBytes());
      facts.put("inodes", capacity.inodes());
      out().line(Json.of(facts));
      return;
    }
    Table table =
        new Table(
            "Filesystem",
            human ? ">Size" : ">1K-blocks",
            ">Used",
            ">Available",
            ">Use%",
            ">Inodes");
    long percent =
        capacity.totalBytes() == 0
            ? 0
            : Math.round(Math.ceil(100.0 * used / capacity.totalBytes()));
    table.row(
        cluster,
        size(capacity.totalBytes()),
        size(used),
        size(capacity.freeBytes()),
        percent + "%",
        capacity.inodes());
    for (String line : table.lines()) {
      out().line(line);
    }
  }

  private String size(long bytes) {
    return human ? Shown.size(bytes, true) : Long.toString(bytes / 1024);
  }
}
