package dev.cairn.client.directory;

import dev.cairn.rpc.proto.Attributes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The attributes of directories this client just changed, as the replies to the changes told them.
 * After each change of a directory the kernel forgets its attributes and asks for them again
 * (fuse_dir_changed in fs/fuse/dir.c): that question, and no second one, is answered from here.
 */
public final class ChangedDirectories {

  private static final int MOST = 256;
  private static final long FRESH_NANOS = Duration.ofMillis(200).toNanos();

  private record Told(Attributes attributes, long nanos) {}

  private final LongSupplier nanoClock;

  private final Map<Long, Told> directories =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Told> eldest) {
          return size() > MOST;
        }
      };

  /**
   * Starts with none.
   *
   * @param nanoClock as {@link System#nanoTime}
   */
  public ChangedDirectories(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** A change of these directories was answered. */
  public synchronized void changed(List<Attributes> after) {
    for (Attributes attributes : after) {
      Told now = new Told(attributes, nanoClock.getAsLong());
      // Replies may overtake each other: the later change counts.
      directories.merge(
          attributes.getInode(),
          now,
          (old, fresh) ->
              old.attributes().getCtime() > fresh.attributes().getCtime() ? old : fresh);
    }
  }

  /** What the last change told, once and only shortly after it; null otherwise. */
  public synchronized Attributes take(long inode) {
    Told told = directories.remove(inode);
    return told != null && nanoClock.getAsLong() - told.nanos() < FRESH_NANOS
        ? told.attributes()
        : null;
  }

  /** The inode changes otherwise: what is known of it is of no use. */
  public synchronized void forget(long inode) {
    directories.remove(inode);
  }
}
