package dev.cairn.client;

import dev.cairn.rpc.RelativeAccessTime;
import dev.cairn.rpc.proto.Access;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.NoteAccessReply;
import dev.cairn.rpc.proto.NoteAccessRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What was read lately, until the master knows it. A read costs a look into a map; the master is
 * told in the background, of many inodes at a time, and applies {@code relatime}. Until then this
 * client shows what the master is going to say. An access that is lost does no harm. Safe for any
 * thread.
 */
final class AccessTimes {

  /** What the master takes in one request. */
  private static final int BATCH = 1000;

  /** What is read beyond that before the master is told is not noted. */
  private static final int MOST_PENDING = 100_000;

  private final Function<NoteAccessRequest.Builder, CompletableFuture<NoteAccessReply>> master;
  private final LongSupplier clock;

  /** By inode, when it was read first since the master was told last. */
  private final Map<Long, Long> pending = new ConcurrentHashMap<>();

  private volatile CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);
  private volatile boolean kept;

  /**
   * Notes nothing yet.
   *
   * @param clock nanoseconds since 1970
   */
  AccessTimes(
      Function<NoteAccessRequest.Builder, CompletableFuture<NoteAccessReply>> master,
      LongSupplier clock) {
    this.master = master;
    this.clock = clock;
  }

  /** From now on accesses count. */
  void keep() {
    kept = true;
  }

  /** The content of the inode was read. */
  void read(long inode) {
    if (kept && !pending.containsKey(inode) && pending.size() < MOST_PENDING) {
      pending.put(inode, clock.getAsLong());
    }
  }

  /** The attributes with the access that the master has not heard of. */
  Attributes shown(Attributes attributes) {
    Long time = pending.isEmpty() ? null : pending.get(attributes.getInode());
    if (time == null) {
      return attributes;
    }
    long atime = RelativeAccessTime.after(attributes, time);
    return atime == attributes.getAtime()
        ? attributes
        : attributes.toBuilder().setAtime(atime).build();
  }

  /** The time of access is set by hand: what was read before no longer counts. */
  CompletableFuture<Void> forget(long inode) {
    pending.remove(inode);
    return underWay;
  }

  /** Tells the master, unless it is being told. The result is done when it knows, or never will. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> before = underWay;
    if (pending.isEmpty() || !before.isDone()) {
      return before;
    }
    List<CompletableFuture<?>> batches = new ArrayList<>();
    List<Access> batch = new ArrayList<>();
    for (Map.Entry<Long, Long> read : pending.entrySet()) {
      batch.add(Access.newBuilder().setInode(read.getKey()).setTime(read.getValue()).build());
      if (batch.size() == BATCH) {
        batches.add(tell(batch));
        batch = new ArrayList<>();
      }
    }
    if (!batch.isEmpty()) {
      batches.add(tell(batch));
    }
    underWay = CompletableFuture.allOf(batches.toArray(new CompletableFuture<?>[0]));
    return underWay;
  }

  private CompletableFuture<Void> tell(List<Access> batch) {
    return master
        .apply(NoteAccessRequest.newBuilder().addAllAccesses(batch))
        .handle(
            (reply, error) -> {
              batch.forEach(access -> pending.remove(access.getInode(), access.getTime()));
              return null;
            });
  }
}
