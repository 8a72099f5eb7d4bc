package dev.cairn.master.store;

import java.io.IOException;

/**
 * What a log file holds: whole batches from its beginning, and then nothing more, or a hole with or
 * without sound fragments behind it.
 *
 * @param size how long the file is
 * @param end behind the last whole batch before the hole
 * @param batches how many whole batches there are before the hole
 * @param first the sequence number of the first change in them; 0 when there are none
 * @param last the sequence number of the last change in them; 0 when there are none
 * @param hole the first place that cannot be read; null when all can
 */
record LogScan(LogFile file, long size, long end, long batches, long first, long last, Hole hole) {

  /**
   * A place that cannot be read.
   *
   * @param offset where it begins
   * @param cutOff the file ends there, in the middle of what was being written
   * @param blank a page of zeros is in it, or the rest of one: it was never written
   * @param soundBytes how much behind it can be read
   */
  record Hole(long offset, boolean cutOff, boolean blank, long soundBytes) {}

  /** Reads a whole file. */
  static LogScan of(LogFile file) throws IOException {
    try (LogBlocks blocks = new LogBlocks(file.path())) {
      LogWalk walk = new LogWalk(blocks);
      walk.toTheEnd();
      return walk.found(file);
    }
  }
}
