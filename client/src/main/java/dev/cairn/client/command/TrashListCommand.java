package dev.cairn.client.command;

import dev.cairn.client.cluster.Trash;
import dev.cairn.client.path.Names;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.TrashEntry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what is in the trash. */
@Command(
    name = "ls",
    description = {
      "List what was deleted, at and below a path; what will be let go first comes first.",
      "Each line: entry number, when it was deleted, until when it is kept, size, path. Control"
          + " characters in names are shown as \\n, \\x1b and the like; --json has names as they"
          + " are."
    })
final class TrashListCommand extends TrashCommand.Part {

  @Option(names = "--json", description = "Answer with a JSON object per line.")
  private boolean json;

  @Option(names = "-h", description = "Show sizes with units.")
  private boolean human;

  @Parameters(arity = "0..1", paramLabel = "PATH", description = "Where; without it: everywhere.")
  private String path = "";

  TrashListCommand(Surroundings around) {
    super(around);
  }

  @Override
  void run(Trash trash) throws IOException {
    ListTrashRequest everything = ListTrashRequest.newBuilder().setPath(Names.bytes(path)).build();
    trash.each(
        everything,
        page -> {
          for (TrashEntry entry : page) {
            out().line(json ? Json.line(facts(entry)) : line(entry));
          }
        });
  }

  private String line(TrashEntry entry) {
    boolean directory = entry.getAttributes().getType() == FileType.DIRECTORY;
    String size = directory ? "-" : Shown.size(entry.getAttributes().getSize(), human);
    return String.format(
        "%8d  %s  %s  %12s  %s%s",
        entry.getAttributes().getInode(),
        Shown.minutes(entry.getDeletedAt()),
        Shown.minutes(entry.getKeptUntil()),
        size,
        Names.escaped(Names.text(entry.getPath())),
        directory ? "/" : "");
  }

  private static Map<String, Object> facts(TrashEntry entry) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("entry", entry.getAttributes().getInode());
    facts.put("path", Names.text(entry.getPath()));
    facts.put("type", Shown.type(entry.getAttributes().getType()));
    facts.put("size", entry.getAttributes().getSize());
    facts.put("bytes", entry.getBytes());
    facts.put("deleted_at_ns", entry.getDeletedAt());
    facts.put("kept_until_ns", entry.getKeptUntil());
    return facts;
  }
}
