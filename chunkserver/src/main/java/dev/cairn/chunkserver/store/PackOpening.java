package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a disk's packs up when the server starts: reads the headers, leaves out what was deleted,
 * and checks the bytes of records that may not have reached the disk.
 */
final class PackOpening {

  private static final Logger LOG = LoggerFactory.getLogger(PackOpening.class);
  private static final int DEAD_WINDOW_BYTES = 4096 * PackFormat.DEAD_BYTES;
  private static final int NAME_LENGTH = "00000001-0123456789abcdef.pack".length();

  private final Disk disk;
  private final Packs packs;
  private final PackIndex index;
  private final ByteBuffer scratch =
      ByteBuffer.allocateDirect(PackFormat.MAX_HEADER_BYTES + Part.MAX_PACKED_BYTES);

  PackOpening(Disk disk, Packs packs, PackIndex index) {
    this.disk = disk;
    this.packs = packs;
    this.index = index;
  }

  void run() throws IOException {
    List<String> names = new ArrayList<>(disk.storage().list(packs.directory()));
    Collections.sort(names);
    for (String name : names) {
      String stem = name.length() == NAME_LENGTH ? name.substring(0, NAME_LENGTH - 5) : "";
      Path file = packs.directory().resolve(name);
      if (name.endsWith(".dead") && !names.contains(stem + ".pack")) {
        disk.quarantine().takePack(file, 0);
      } else if (name.endsWith(".pack") && !stem.isEmpty()) {
        open(file, stem);
      }
    }
    packs.continueLast();
  }

  private void open(Path file, String stem) throws IOException {
    int number;
    try {
      number = Integer.parseInt(stem.substring(0, 8), 16);
    } catch (NumberFormatException e) {
      return;
    }
    long salt = ChunkName.ofHex(stem.substring(9));
    Storage.OpenFile content = null;
    PackScan scan;
    try {
      content = packs.open(file);
      scan = PackScan.asFarAsReadable(content, salt);
    } catch (IOException e) {
      if (content != null) {
        content.close();
      }
      disk.requireWell(e);
      LOG.error("{} cannot be read, and what is in it is not served: {}", file, Disk.reason(e));
      return;
    }
    Pack pack = packs.adopt(number, salt, file, content);
    if (scan.hasUnreadable()) {
      pack.keepForGood();
    }
    for (PackScan.Gap gap : scan.gaps()) {
      pack.keepDamaged();
      LOG.error(
          "{} is damaged from {} to {}: what was there is not served", file, gap.from(), gap.to());
    }
    take(pack, scan);
  }

  private void take(Pack pack, PackScan scan) throws IOException {
    Set<Integer> dead = deadPositions(pack);
    List<PackScan.Entry> torn = new ArrayList<>();
    long end = scan.end();
    boolean forced = true;
    for (PackScan.Entry entry : scan.entries()) {
      if (entry.position() >= scan.forcedTo()) {
        forced = false;
        if (!dead.contains(entry.position()) && isTorn(pack, entry)) {
          torn.add(entry);
          continue;
        }
      }
      long location = PackLocation.of(pack.slot(), entry.position(), entry.length());
      if (!dead.contains(entry.position()) && index.putIfAbsent(entry.chunkId(), location)) {
        pack.addLive(entry.length());
      }
    }
    pack.found(end, forced ? end : scan.forcedTo());
    if (!torn.isEmpty()) {
      LOG.warn("{} of the last records in {} had not reached the disk", torn.size(), pack.file());
      if (putAside(pack, torn)) {
        packs.bury(pack, torn);
      }
    }
    long size = pack.content().size();
    if (size > end) {
      // Neither cut off nor overwritten: a damaged header looks the same.
      pack.keepDamaged();
      LOG.warn("{} ends with {} bytes of no whole record, which stay", pack.file(), size - end);
    }
  }

  /** Keeps what the torn records have; false when that is not possible, and the pack stays. */
  private boolean putAside(Pack pack, List<PackScan.Entry> torn) throws CairnException {
    try {
      for (PackScan.Entry entry : torn) {
        pack.quarantine(entry.chunkId(), entry.position(), entry.length());
      }
      return true;
    } catch (CairnException e) {
      disk.requireAlive();
      LOG.warn("what is left of these records stays in {}: {}", pack.file(), e.getMessage());
      pack.keepForGood();
      return false;
    }
  }

  /** Whether a record did not all get to the disk; one that cannot be read is damaged instead. */
  private boolean isTorn(Pack pack, PackScan.Entry entry) throws CairnException {
    try {
      return !isWhole(pack, entry);
    } catch (IOException e) {
      disk.readFailedAtStart(entry.chunkId(), pack.file(), e);
      return false;
    }
  }

  private boolean isWhole(Pack pack, PackScan.Entry entry) throws IOException {
    int headerBytes = PackFormat.headerBytes(entry.length());
    scratch.clear().limit(headerBytes + entry.length());
    pack.content().read(scratch, entry.position());
    scratch.flip();
    PackFormat.Header header = PackFormat.header(scratch, 0, pack.salt());
    return header != null
        && scratch.limit() == headerBytes + entry.length()
        && BlockSums.firstBad(scratch.position(headerBytes), header.sums()) < 0;
  }

  private Set<Integer> deadPositions(Pack pack) throws CairnException {
    Set<Integer> positions = new HashSet<>();
    if (!disk.storage().exists(pack.deadFile())) {
      return positions;
    }
    try (Storage.OpenFile file = disk.storage().open(pack.deadFile(), Storage.Mode.READ)) {
      long size = file.size();
      ByteBuffer entries = ByteBuffer.allocate((int) Math.min(size, DEAD_WINDOW_BYTES));
      for (long from = 0; from < size; from += entries.capacity()) {
        file.read(entries.clear(), from);
        addDead(entries.flip(), pack.salt(), positions);
      }
    } catch (IOException e) {
      disk.requireWell(e);
      LOG.warn(
          "{} cannot be read: what was deleted comes back: {}", pack.deadFile(), Disk.reason(e));
    }
    return positions;
  }

  private static void addDead(ByteBuffer entries, long salt, Set<Integer> positions) {
    for (int at = 0; at + PackFormat.DEAD_BYTES <= entries.limit(); at += PackFormat.DEAD_BYTES) {
      if (PackFormat.isDead(entries, at, salt)) {
        positions.add(entries.getInt(at + 8));
      }
    }
  }
}
