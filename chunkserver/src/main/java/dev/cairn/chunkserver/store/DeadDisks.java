package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** The data directories that turn out not to be usable when a store is opened, and why. */
final class DeadDisks {

  private final Map<Path, String> reasons = new LinkedHashMap<>();
  private final List<DiskReport> missing = new ArrayList<>();

  void add(Path directory, String reason) {
    reasons.put(directory, reason);
    LoggerFactory.getLogger(DeadDisks.class)
        .error("{} is out of use until the server is restarted: {}", directory, reason);
  }

  /** Notes that a directory of the server is not among those it was started with. */
  void addMissing(String directory, String reason) {
    missing.add(new DiskReport(directory, "", 0, 0, reason, 0, 0, 0));
    LoggerFactory.getLogger(DeadDisks.class).error("{} {}", directory, reason);
  }

  boolean isEmpty() {
    return reasons.isEmpty();
  }

  /** Those of the directories that can be used, as far as is known. */
  List<Path> others(List<Path> directories) {
    List<Path> others = new ArrayList<>(directories);
    others.removeAll(reasons.keySet());
    return others;
  }

  /** As the master hears of them. */
  List<DiskReport> reports() {
    List<DiskReport> reports = new ArrayList<>();
    reasons.forEach(
        (directory, reason) ->
            reports.add(new DiskReport(directory.toString(), "", 0, 0, reason, 0, 0, 0)));
    reports.addAll(missing);
    return reports;
  }

  /** That without them the server cannot start, as a sentence for the user. */
  CairnException tooMany(String why) {
    return ErrorCode.INVALID.because(why + ": " + String.join("; ", reasons.values()));
  }
}
