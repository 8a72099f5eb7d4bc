package dev.cairn.master.session;

import dev.cairn.master.record.proto.Session;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** A session that exists, and what is known of it in memory only. */
public final class LiveSession {

  private final Session row;
  private final Set<Long> open = new HashSet<>();

  /** Those of them that were opened for writing since the client had them closed. */
  private final Set<Long> written = new HashSet<>();

  private volatile long heardTicks;
  private volatile boolean back;
  private long lastHeartbeat;
  private long firstReplyKept;
  private long lastReplyKept;

  LiveSession(Session row, long heardTicks, boolean back, long firstReplyKept, long lastReplyKept) {
    this.row = row;
    this.heardTicks = heardTicks;
    this.back = back;
    this.firstReplyKept = firstReplyKept;
    this.lastReplyKept = lastReplyKept;
  }

  public long id() {
    return row.getId();
  }

  public long epoch() {
    return row.getEpoch();
  }

  public String description() {
    return row.getDescription();
  }

  /** Notes that the client lives. */
  public void heard(long ticks) {
    heardTicks = ticks;
  }

  public long heardTicks() {
    return heardTicks;
  }

  /** Whether the client has said to this master, since its start, what it has open. */
  public boolean isBack() {
    return back;
  }

  /** Counts the inode as open; false when it was before. */
  public synchronized boolean open(long inode) {
    return open.add(inode);
  }

  /** Counts the open inode as written to; false when it was before. */
  public synchronized boolean write(long inode) {
    return written.add(inode);
  }

  /**
   * The client has closed these, unless a heartbeat of this or a higher number was heard before.
   */
  public synchronized void closed(Collection<Long> inodes, long heartbeat) {
    if (heartbeat > lastHeartbeat) {
      lastHeartbeat = heartbeat;
      closed(inodes);
    }
  }

  public synchronized void closed(Collection<Long> inodes) {
    inodes.forEach(open::remove);
    inodes.forEach(written::remove);
  }

  /** The open inode is not written to (any more). */
  public synchronized void notWritten(long inode) {
    written.remove(inode);
  }

  /**
   * The client says all that it has open, and what of it for writing. What it opened since then
   * stays open: it may say this twice, when the first answer was lost.
   */
  public synchronized void back(Collection<Long> inodes, Collection<Long> forWriting) {
    open.addAll(inodes);
    written.addAll(forWriting);
    back = true;
  }

  public synchronized boolean hasOpen(long inode) {
    return open.contains(inode);
  }

  synchronized boolean writes(long inode) {
    return written.contains(inode);
  }

  public synchronized int openCount() {
    return open.size();
  }

  /** The first request whose reply may be kept; 0 when none is. For the writer's thread. */
  public long firstReplyKept() {
    return firstReplyKept;
  }

  /** Whether the request may be one whose reply is kept. For the writer's thread. */
  public boolean mayRepeat(long sequence) {
    return sequence <= lastReplyKept;
  }

  /** The request's reply is kept, and all before the given one are not. For the writer's thread. */
  public void replyKept(long sequence, long answeredBelow) {
    firstReplyKept = firstReplyKept == 0 ? answeredBelow : firstReplyKept;
    lastReplyKept = Math.max(lastReplyKept, sequence);
  }

  /** For the writer's thread. */
  public void repliesForgottenBelow(long sequence) {
    firstReplyKept = Math.max(firstReplyKept, sequence);
  }
}
