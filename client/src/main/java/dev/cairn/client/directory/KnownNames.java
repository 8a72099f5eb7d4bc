package dev.cairn.client.directory;

import com.google.protobuf.ByteString;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Under which names files were seen last: a small memory that forgets by chance. What it says may
 * be outdated. Safe for any thread.
 */
public final class KnownNames {

  private static final int SIZE = 1024;

  /** A name that pointed at an inode. */
  public record Seen(long inode, long parent, ByteString name) {}

  private final AtomicReferenceArray<Seen> last = new AtomicReferenceArray<>(SIZE);

  public void saw(long inode, long parent, ByteString name) {
    last.lazySet(slot(inode), new Seen(inode, parent, name));
  }

  /** A name of the inode, or null. */
  public Seen of(long inode) {
    Seen seen = last.get(slot(inode));
    return seen != null && seen.inode() == inode ? seen : null;
  }

  private static int slot(long inode) {
    return (int) (inode & (SIZE - 1));
  }
}
