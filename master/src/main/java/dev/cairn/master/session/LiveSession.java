package dev.cairn.master.session;

import dev.cairn.master.record.proto.Session;
import dev.cairn.rpc.LongTable;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.Collection;

/** A session that exists, and what is known of it in memory only. */
public final class LiveSession {

  /** Most files that a client may have open. */
  public static final int MOST_OPEN = 65_536;

  /**
   * More that a client may name when it says all that it has open: opens that were under way count
   * there, whether they were granted or not.
   */
  private static final int MOST_OPENING = 4096;

  // Values of the table of open files.
  private static final long READ = 1;
  private static final long WRITTEN = 2;

  private final Session row;
  private volatile String address = "";
  private volatile String http = "";
  private final OpenFileCount all;

  /**
   * The inodes that are open, each with whether it was opened for writing since the client had it
   * closed. Guarded by this.
   */
  private final LongTable open = new LongTable();

  private boolean over; // its open files do not count any more; guarded by this

  private volatile long heardTicks;
  private volatile boolean back;
  private long lastHeartbeat;
  private final RequestNumbers numbers;

  /**
   * A session with nothing open.
   *
   * @param all counts the open files of all sessions
   * @param highestRequest the highest number of a request that is known
   */
  LiveSession(Session row, OpenFileCount all, long heardTicks, boolean back, long highestRequest) {
    this.row = row;
    this.all = all;
    this.heardTicks = heardTicks;
    this.back = back;
    this.numbers = new RequestNumbers(row.getId(), back, highestRequest);
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

  /** The client speaks from that address. */
  public void from(String clientAddress) {
    address = clientAddress;
  }

  /** The client serves metrics at that URL; empty: it does not. */
  public void servesHttp(String url) {
    http = url;
  }

  /** Where the client serves metrics; empty when it does not, or that is not known. */
  public String http() {
    return http;
  }

  /** The address of the client; empty when it is not known: it was there before this master. */
  String address() {
    return address;
  }

  /** Refuses one more open file than there may be. */
  public synchronized void checkMayOpen() throws CairnException {
    if (open.size() >= MOST_OPEN) {
      throw ErrorCode.TOO_MANY_OPEN.because(
          "client " + description() + " has " + open.size() + " files open, and may not open more");
    }
    all.check();
  }

  /** Counts the inode as open; false when it was before. Refuses one more than there may be. */
  public synchronized boolean open(long inode) throws CairnException {
    if (hasOpen(inode)) {
      return false;
    }
    checkMayOpen();
    return opened(inode);
  }

  /** Counts the inode as open, however many there are; false when it was before. */
  public synchronized boolean opened(long inode) {
    if (inode == 0 || over || hasOpen(inode)) {
      return false;
    }
    open.value(open.findOrAdd(inode), READ);
    all.add(1);
    return true;
  }

  /** Counts the open inode as written to; false when it was before, or is not open. */
  public synchronized boolean write(long inode) {
    int slot = open.find(inode);
    if (slot == LongTable.NONE || open.value(slot) == WRITTEN) {
      return false;
    }
    open.value(slot, WRITTEN);
    return true;
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
    int before = open.size();
    for (long inode : inodes) {
      int slot = open.find(inode);
      if (slot != LongTable.NONE) {
        open.remove(slot);
      }
    }
    if (!over) {
      all.add(open.size() - before);
    }
  }

  /** The open inode is not written to (any more). */
  public synchronized void notWritten(long inode) {
    int slot = open.find(inode);
    if (slot != LongTable.NONE) {
      open.value(slot, READ);
    }
  }

  /** Refuses a client that says that it has more open than it could have opened. */
  public void checkMayComeBack(int open) throws CairnException {
    if (open > MOST_OPEN + MOST_OPENING) {
      throw ErrorCode.TOO_MANY_OPEN.because(
          "client " + description() + " says that it has " + open + " files open");
    }
  }

  /**
   * The client says all that it has open, and what of it for writing. What it opened since then
   * stays open: it may say this twice, when the first answer was lost.
   */
  public synchronized void back(Collection<Long> inodes, Collection<Long> forWriting) {
    inodes.forEach(this::opened);
    forWriting.forEach(this::write);
    back = true;
  }

  /** The session is over: nothing is open in it. */
  synchronized void ended() {
    if (!over) {
      over = true;
      all.add(-open.size());
    }
  }

  public synchronized boolean hasOpen(long inode) {
    return open.find(inode) != LongTable.NONE;
  }

  synchronized boolean writes(long inode) {
    int slot = open.find(inode);
    return slot != LongTable.NONE && open.value(slot) == WRITTEN;
  }

  public synchronized int openCount() {
    return open.size();
  }

  /** The numbers of its requests. */
  public RequestNumbers numbers() {
    return numbers;
  }
}
