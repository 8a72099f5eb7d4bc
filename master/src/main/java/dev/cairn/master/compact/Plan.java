package dev.cairn.master.compact;

import dev.cairn.master.state.ExtentRow;
import java.util.List;

/**
 * Extents of a file that are to be written into one new chunk, one behind the other.
 *
 * @param replicas there should be of the new chunk
 */
record Plan(long inode, long extentMap, int replicas, List<ExtentRow> extents) {

  int length() {
    return (int) extents.stream().mapToLong(ExtentRow::length).sum();
  }
}
