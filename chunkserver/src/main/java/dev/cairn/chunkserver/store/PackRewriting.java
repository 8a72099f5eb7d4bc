package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what still lives in a mostly dead pack to the current one. Readers see a chunk in the one
 * place or in the other; the old pack goes once what left it was forced.
 */
final class PackRewriting {

  private static final Logger LOG = LoggerFactory.getLogger(PackRewriting.class);

  private final Packs packs;
  private final PackIndex index;
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(Part.MAX_PACKED_BYTES);

  PackRewriting(Packs packs, PackIndex index) {
    this.packs = packs;
    this.index = index;
  }

  /** Rewrites a pack; a full disk, or a record that cannot be read, leaves it as it is. */
  void rewrite(Pack pack) throws CairnException {
    List<PackScan.Entry> entries;
    try {
      entries = PackScan.of(pack.content(), pack.salt()).entries();
    } catch (IOException e) {
      LOG.warn("{} cannot be rewritten: {}", pack.file(), Disk.reason(e));
      pack.keepAsItIs();
      return;
    }
    for (PackScan.Entry entry : entries) {
      long location = PackLocation.of(pack.slot(), entry.position(), entry.length());
      if (index.get(entry.chunkId()) == location && !move(pack, entry, location)) {
        return;
      }
    }
    packs.syncDirty();
    if (!pack.isEmpty()) {
      // A damaged header hides what still lives: another try would find no more.
      pack.keepAsItIs();
    }
  }

  /** Whether it makes sense to go on. */
  private boolean move(Pack from, PackScan.Entry entry, long location) throws CairnException {
    int[] sums;
    from.pin();
    scratch.clear();
    try (BlockRun run =
        from.run(entry.chunkId(), entry.position(), entry.length(), 0, entry.length())) {
      sums = run.read(scratch);
    } catch (CairnException e) {
      from.keepAsItIs();
      return true;
    }
    scratch.flip();
    Part part = new Part(entry.chunkId(), 0, entry.length(), sums, true);
    try {
      packs.append(
          List.of(part),
          List.of(scratch),
          (moved, to, target) -> {
            if (index.replace(entry.chunkId(), location, target)) {
              from.removeLive(entry.length());
            } else {
              // Deleted meanwhile. Its new record is not buried: should it come back with a
              // restart,
              // the master has it deleted again.
              to.removeLive(entry.length());
            }
          });
    } catch (CairnException e) {
      if (e.code() != ErrorCode.NO_SPACE) {
        throw e;
      }
      return false;
    }
    return true;
  }
}
