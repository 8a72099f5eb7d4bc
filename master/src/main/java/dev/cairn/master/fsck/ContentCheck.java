package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.MendDecider;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;

/** Checks the extents of one file after the other, and the replicas of the chunks they refer to. */
final class ContentCheck {

  private final MetadataView view;
  private final MetadataView latest;
  private final ReplicaMap replicas;
  private final boolean someDead;
  private final Findings findings;
  private long extentCount;

  /**
   * @param latest the state that replicas belong to: what is garbage by now may have none
   * @param replicas null to leave them out
   * @param someDead whether chunk servers are dead, which may have what the others have not
   */
  ContentCheck(
      MetadataView view,
      MetadataView latest,
      ReplicaMap replicas,
      boolean someDead,
      Findings findings) {
    this.view = view;
    this.latest = latest;
    this.replicas = replicas;
    this.someDead = someDead;
    this.findings = findings;
  }

  long extentCount() {
    return extentCount;
  }

  void check(ByteString path, Inode inode) throws CairnException {
    new File(path, inode).check();
  }

  /** What can be read of a chunk. */
  private enum Chunk {
    WELL,
    /** Perhaps some, from replicas that are all known to be bad. */
    DAMAGED,
    LOST
  }

  /** Bytes of a file, and where the first of them are. */
  private static final class Span {
    private long bytes;
    private long first;

    void add(ExtentRow extent) {
      first = bytes == 0 ? extent.start() : first;
      bytes += extent.length();
    }
  }

  /** One file, and what is found in it as a whole. */
  private final class File {

    private final ByteString path;
    private final Inode inode;
    private final Span lost = new Span();
    private final Span damaged = new Span();
    private long lastChunk;
    private Chunk last = Chunk.WELL;
    private int fewReplicas;
    private MarkedReplica bad;
    private int badReplicas;

    File(ByteString path, Inode inode) {
      this.path = path;
      this.inode = inode;
    }

    void check() throws CairnException {
      long size = inode.getAttributes().getSize();
      long end = 0;
      long allocated = 0;
      try (ExtentCursor extents = view.extents(inode.getExtentMap())) {
        ExtentRow extent = extents.firstEndingBehind(0);
        while (extent != null) {
          extentCount++;
          if (extent.start() < end || extent.length() <= 0 || extent.end() > size) {
            badExtent(extent, extent.end() > size ? "lies behind the end" : "overlaps another");
          }
          end = Math.max(end, extent.end());
          allocated += extent.length();
          checkChunk(extent);
          extent = extents.next();
        }
      }
      sayReplicas();
      checkAllocated(allocated);
    }

    private void checkAllocated(long counted) throws CairnException {
      long said = inode.getAttributes().getAllocated();
      if (counted != said) {
        found(
            FindingKind.WRONG_COUNT,
            "its extents cover " + counted + " bytes, and it says " + said,
            Findings.BY_REPAIR,
            counted - said);
      }
    }

    private void found(FindingKind kind, String what, String advice, long allocated)
        throws CairnException {
      long number = inode.getAttributes().getInode();
      findings.found(
          finding(kind, what, advice),
          (now, time) -> MendDecider.correctCounts(now, number, 0, 0, allocated));
    }

    private Finding.Builder finding(FindingKind kind, String what, String advice) {
      return Findings.at(path, kind, what, advice).setInode(inode.getAttributes().getInode());
    }

    private void badExtent(ExtentRow extent, String what) throws CairnException {
      findings.found(
          finding(
              FindingKind.BAD_EXTENT,
              "the extent at " + range(extent) + " " + what,
              "copy the file, compare it with what it should be, and replace it by the copy"));
    }

    private String range(ExtentRow extent) {
      return "bytes " + extent.start() + " to " + (extent.end() - 1);
    }

    private void checkChunk(ExtentRow extent) throws CairnException {
      long id = extent.chunk();
      ChunkRow chunk = view.chunk(id);
      if (chunk == null) {
        String why = view.garbageSince(id) == null ? "is not there" : "is garbage";
        noChunk(extent, "chunk " + id + ", which " + why);
        return;
      }
      if (extent.chunkOffset() < 0
          || extent.chunkOffset() + extent.length() > Integer.toUnsignedLong(chunk.length())) {
        noChunk(extent, "what is behind the end of chunk " + id);
      }
      if (replicas != null && id != lastChunk) {
        lastChunk = id;
        last = checkReplicas(id, chunk);
      }
      switch (last) {
        case LOST -> lost.add(extent);
        case DAMAGED -> damaged.add(extent);
        case WELL -> {}
      }
    }

    private void noChunk(ExtentRow extent, String what) throws CairnException {
      findings.found(
          finding(
                  FindingKind.NO_CHUNK_OF_EXTENT,
                  range(extent) + " are in " + what,
                  "these bytes are lost: restore the file from a copy")
              .setChunkId(extent.chunk()));
    }

    private Chunk checkReplicas(long id, ChunkRow chunk) {
      int good = replicas.good(id).size();
      view.badReplicasOf(
          id,
          mark -> {
            badReplicas++;
            bad = mark;
          });
      boolean goneByNow = latest.chunk(id) == null;
      if (goneByNow) {
        return Chunk.WELL;
      }
      if (good == 0) {
        return replicas.location(id).getServerIdsCount() > 0 ? Chunk.DAMAGED : Chunk.LOST;
      }
      fewReplicas += good < chunk.replicas() ? 1 : 0;
      return Chunk.WELL;
    }

    private void sayReplicas() throws CairnException {
      if (lost.bytes > 0) {
        findings.found(
            finding(
                FindingKind.LOST_DATA,
                lost.bytes
                    + " bytes cannot be read, the first at "
                    + lost.first
                    + ": no living chunk server has all of their chunks",
                someDead
                    ? "start the chunk servers that are dead ('cairn servers'); if they are lost,"
                        + " restore the file from a copy"
                    : "no chunk server is dead, so they are lost: restore the file from a copy"));
      }
      if (fewReplicas > 0) {
        findings.found(
            finding(
                FindingKind.FEW_REPLICAS,
                fewReplicas
                    + (fewReplicas == 1 ? " chunk has" : " chunks have")
                    + " too few replicas",
                "wait until they are made; 'cairn status' says what that waits for"));
      }
      if (badReplicas > 0) {
        findings.found(
            finding(
                    FindingKind.BAD_REPLICAS,
                    badReplicas
                        + (badReplicas == 1 ? " replica is" : " replicas are")
                        + " bad, the last on server "
                        + bad.getServer()
                        + ": "
                        + bad.getReason()
                        + withoutGood(),
                    damaged.bytes > 0
                        ? "all but damaged blocks of 64 KiB can be read ('cairn fsck --read'"
                            + " tries): save what is needed, and restore the file from a copy"
                        : "wait until they are replaced, and look at the disks of that server")
                .setChunkId(bad.getChunk()));
      }
    }

    private String withoutGood() {
      return damaged.bytes == 0
          ? ""
          : "; of "
              + damaged.bytes
              + " bytes, the first at "
              + damaged.first
              + ", there is no good replica"
              + (someDead ? " on a living server" : "");
    }
  }
}
