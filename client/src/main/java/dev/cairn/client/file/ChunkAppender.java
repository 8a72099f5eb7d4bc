package dev.cairn.client.file;

import dev.cairn.client.data.ChainFailure;
import dev.cairn.client.data.ChunkGrants;
import dev.cairn.client.data.ChunkGrants.FreshChunk;
import dev.cairn.client.data.DataLinks;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.data.Slack;
import dev.cairn.client.data.WriteStream;
import dev.cairn.client.master.Registration;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ExtensionGrant;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.WrittenChunk;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Sends the arenas of one file, in order, into chunks. Several may be under way. When a chain
 * fails, all that it did not acknowledge is sent again into new chunks on other servers: nothing is
 * repaired in place. Used by one data thread at a time.
 */
final class ChunkAppender {

  private static final long MOST_UNDER_WAY_BYTES = 8 << 20;
  private static final int MOST_REFUSALS = 8;
  private static final int MOST_FULL_CHAINS = 3;
  private static final int FAILURES_WITHOUT_PAUSE = 2;
  private static final Retry.Pauses PAUSES =
      new Retry.Pauses(Duration.ofMillis(100), Duration.ofSeconds(1));

  /** What a file writes with, and how long it waits for servers that take what is written. */
  record Tools(DataLinks links, ServerTable servers, ChunkSupply supply, Duration patience) {}

  /** Told, in the order of sending, what is acknowledged by the whole chain. */
  interface Acknowledged {
    void acknowledged(Arena arena, List<Extent> extents, List<WrittenChunk> chunks);

    /** A chunk, all of whose bytes were acknowledged before, is sealed. */
    void sealed(WrittenChunk chunk);

    /** The inode whose last chunk may be worth going on with; 0 when there is none. */
    long extendable();
  }

  /** A chunk being written. */
  private static final class OpenChunk {
    private final FreshChunk fresh;
    private final boolean grows;
    private long length;
    private boolean sealed;

    /**
     * A chunk to go on with.
     *
     * @param grows it is lent, or will be
     */
    OpenChunk(FreshChunk fresh, long length, boolean grows) {
      this.fresh = fresh;
      this.length = length;
      this.grows = grows;
    }
  }

  /** An arena under way: what of it went where, and the last frame that carries some of it. */
  private static final class Shipment {
    private final Arena arena;
    private final boolean seal;
    private final List<Extent> extents = new ArrayList<>();
    private final List<WrittenChunk> chunks = new ArrayList<>();
    private long lastSequence;

    Shipment(Arena arena, boolean seal) {
      this.arena = arena;
      this.seal = seal;
    }
  }

  private final Tools tools;
  private final Acknowledged listener;
  private final int chunkSize;
  private final int replicas;
  private final Deque<Shipment> unsent = new ArrayDeque<>();
  private final Deque<Shipment> underWay = new ArrayDeque<>();
  private ChunkGrants own;
  private boolean firstTaken;
  private WriteStream stream;
  private volatile OpenChunk chunk;

  /** What the open chunk was granted to. */
  private CompletableFuture<Registration> session;

  private long underWayBytes;

  /** The chunk that was lent or acknowledged last, as it was then, unless it was sealed. */
  private WrittenChunk tail;

  /** Whether the tail is a chunk the master lent. */
  private boolean lent;

  /** Said with the next bytes: a chunk that was left, and is as it was acknowledged. */
  private WrittenChunk left;

  private boolean mayExtend = true;

  /** Failures since the last acknowledgement: all, those of full disks, and other refusals. */
  private int failures;

  private int fullChains;
  private int refusals;

  /** Kept from one failure to the next, however long ago. */
  private final Slack slack = new Slack();

  /** Its patience is that since the first of these failures; null when there were none. */
  private Retry retry;

  ChunkAppender(Tools tools, int chunkSize, int replicas, Acknowledged listener) {
    this.tools = tools;
    this.chunkSize = chunkSize;
    this.replicas = replicas;
    this.listener = listener;
  }

  /**
   * Sends an arena; waits while too much is under way.
   *
   * @param seal nothing will be appended to the last chunk
   * @throws CairnException when there is nowhere to write to; what is unacknowledged stays so
   */
  void send(Arena arena, boolean seal) throws CairnException {
    unsent.add(new Shipment(arena, seal));
    untilDone(MOST_UNDER_WAY_BYTES);
  }

  boolean hasUnderWay() {
    return !underWay.isEmpty();
  }

  /** Whether a seal would do anything. May be asked by any thread. */
  boolean hasOpenChunk() {
    return chunk != null;
  }

  /** Waits until the arena sent first of those under way is acknowledged. */
  void awaitOldest() throws CairnException {
    untilDone(Math.max(0, underWayBytes - 1));
  }

  /** Waits until everything is acknowledged, and gives the stream back. */
  void finish(boolean seal) throws CairnException {
    untilDone(0);
    try {
      if (seal && chunk != null) {
        sealOpenChunk();
      }
    } catch (ChainFailure e) {
      // All bytes are acknowledged: the chunk is just not appended to any more.
      failed(e);
    }
    if (left != null) {
      listener.sealed(left);
      left = null;
    }
    if (stream != null) {
      tools.links().giveStream(stream);
      stream = null;
    }
  }

  private void untilDone(long bytesAllowedUnderWay) throws CairnException {
    while (true) {
      try {
        while (!unsent.isEmpty()) {
          ship(unsent.peek());
          underWay.add(unsent.peek());
          underWayBytes += unsent.poll().arena.length();
        }
        while (!underWay.isEmpty() && underWayBytes > bytesAllowedUnderWay) {
          stream.awaitAck(underWay.peek().lastSequence);
          release();
        }
        return;
      } catch (ChainFailure e) {
        failed(e);
      }
    }
  }

  private void release() {
    while (!underWay.isEmpty() && underWay.peek().lastSequence <= stream.acknowledged()) {
      Shipment shipment = underWay.poll();
      underWayBytes -= shipment.arena.length();
      forgetFailures();
      slack.acknowledged();
      left = null;
      noteTail(shipment.chunks.get(shipment.chunks.size() - 1));
      stream.chain().forEach(server -> tools.servers().worked(server.getServerId()));
      listener.acknowledged(shipment.arena, shipment.extents, shipment.chunks);
    }
  }

  private void noteTail(WrittenChunk written) {
    boolean same = tail != null && tail.getChunkId() == written.getChunkId();
    lent &= same && !written.getSealed();
    tail = written.getSealed() ? null : written;
  }

  /** Leaves the open chunk with what is acknowledged of it: its servers may have more. */
  private void leave() {
    if (tail != null) {
      left = tail.toBuilder().setSealed(true).setRagged(true).build();
      tail = null;
      lent = false;
    }
    mayExtend = false;
  }

  /** Takes back what the chain did not acknowledge, unless there was too much of this already. */
  private void failed(ChainFailure failure) throws CairnException {
    boolean notThere =
        failure.error().code() == ErrorCode.NOT_AT_END
            || failure.error().code() == ErrorCode.NO_CHUNK;
    boolean refused = lent && notThere;
    if (!refused) {
      tools.links().dropStreams(failure.serverId());
    }
    if (!refused && !failure.isStale()) {
      tools.servers().failed(failure.serverId(), failure.getMessage());
    }
    if (stream != null) {
      release();
      stream.close();
      stream = null;
    }
    leave();
    chunk = null;
    while (!underWay.isEmpty()) {
      unsent.addFirst(underWay.pollLast());
    }
    underWayBytes = 0;
    failures++;
    ErrorCode code = failure.error().code();
    if (code == ErrorCode.TIMED_OUT) {
      slack.silent();
    }
    if (code == ErrorCode.NO_SPACE) {
      fullChains++;
    } else if (!mayPass(code)) {
      refusals++;
    }
    if (retry == null) {
      retry = new Retry(PAUSES, tools.patience());
    }
    if (retry.isOver() || fullChains > MOST_FULL_CHAINS || refusals > MOST_REFUSALS) {
      throw failure.error();
    }
    if (failures > FAILURES_WITHOUT_PAUSE) {
      // There may be no other server: give a slow or restarted one the time to come back.
      tools.servers().awaited(this, failure.error(), retry.waited(), tools.patience());
      retry.pause();
    }
  }

  /** Whether a server that failed so may take bytes later. */
  private static boolean mayPass(ErrorCode code) {
    return code.retry() != ErrorCode.Retry.NO;
  }

  private void forgetFailures() {
    if (failures > 0) {
      failures = 0;
      fullChains = 0;
      refusals = 0;
      retry = null;
      tools.servers().goesOn(this);
    }
  }

  /** Sends the frames of one arena. */
  private void ship(Shipment shipment) throws ChainFailure, CairnException {
    shipment.extents.clear();
    shipment.chunks.clear();
    if (session != tools.supply().session()) {
      session = tools.supply().session();
      forgetChunk();
    }
    if (left != null) {
      shipment.chunks.add(left);
    }
    if (chunk != null) {
      useStreamTo(chunk.fresh.chain());
    }
    AppendFrame frame = new AppendFrame(shipment.arena);
    for (Arena.Write write : shipment.arena.writes()) {
      long offset = write.fileOffset();
      int position = write.position();
      int left = write.length();
      while (left > 0) {
        boolean append = shipment.arena.holdsAppends();
        long room = append ? 1 : chunkSize - offset % chunkSize;
        frame = openChunkFor(offset, Math.min(left, room), shipment, frame);
        // What is appended has no place yet that a chunk could end at: it fills chunks.
        int piece = (int) Math.min(left, append ? chunkSize - chunk.length : room);
        frame.add(chunk.fresh.chunkId(), chunk.length, position, piece, chunk.grows);
        addExtent(shipment, offset, piece);
        chunk.length += piece;
        offset += piece;
        position += piece;
        left -= piece;
      }
    }
    if (shipment.seal) {
      frame.seal(chunk.fresh.chunkId(), chunk.length);
      chunk.sealed = true;
      mayExtend = true;
    }
    note(shipment);
    send(frame, shipment);
    if (chunk.sealed) {
      chunk = null;
    }
  }

  /**
   * Makes sure that a chunk is open which a piece of the file may go to; answers the frame to go on
   * with.
   */
  private AppendFrame openChunkFor(long offset, long length, Shipment shipment, AppendFrame frame)
      throws ChainFailure, CairnException {
    boolean mayGoOn = shipment.arena.holdsAppends() || offset % chunkSize != 0;
    if (chunk != null && mayGoOn && chunk.length + length <= chunkSize) {
      return frame;
    }
    if (chunk != null) {
      frame.seal(chunk.fresh.chunkId(), chunk.length);
      chunk.sealed = true;
      note(shipment);
      chunk = null;
    }
    OpenChunk opened = nextChunk(shipment.arena.holdsAppends());
    FreshChunk fresh = opened.fresh;
    AppendFrame next = frame;
    if (stream == null || !fresh.chain().equals(stream.chain()) || frame.isFull()) {
      if (!frame.isEmpty()) {
        send(frame, shipment);
        next = frame.following();
      }
      useStreamTo(fresh.chain());
    }
    chunk = opened;
    return next;
  }

  private OpenChunk nextChunk(boolean append) throws CairnException {
    long inode = append ? listener.extendable() : 0;
    if (inode != 0 && mayExtend) {
      ExtensionGrant extension = tools.supply().extension(inode, replicas);
      if (extension != null) {
        FreshChunk last = new FreshChunk(extension.getChunkId(), extension.getChainList());
        OpenChunk opened = new OpenChunk(last, extension.getLength(), true);
        tail = written(opened).build();
        lent = true;
        return opened;
      }
      mayExtend = false;
    }
    return new OpenChunk(freshChunk(), 0, inode != 0);
  }

  private FreshChunk freshChunk() throws CairnException {
    if (!firstTaken) {
      firstTaken = true;
      return tools.supply().shared(replicas).take();
    }
    if (own == null) {
      own = tools.supply().own(replicas, chunkSize);
    }
    return own.take();
  }

  private void useStreamTo(List<ServerAddress> chain) throws ChainFailure {
    if (stream != null && stream.chain().equals(chain)) {
      return;
    }
    if (stream != null) {
      stream.awaitAll();
      release();
      tools.links().giveStream(stream);
      stream = null;
    }
    stream = tools.links().takeStream(chain, slack.times());
  }

  private void send(AppendFrame frame, Shipment shipment) throws ChainFailure {
    shipment.lastSequence = stream.send(frame.header(), frame.payload());
  }

  private void addExtent(Shipment shipment, long fileOffset, int length) {
    shipment.extents.add(
        Extent.newBuilder()
            .setFileOffset(fileOffset)
            .setLength(length)
            .setChunkId(chunk.fresh.chunkId())
            .setChunkOffset(chunk.length)
            .build());
  }

  /** Notes the present state of the open chunk for the commit of this shipment. */
  private void note(Shipment shipment) {
    shipment.chunks.add(written(chunk).build());
  }

  private WrittenChunk.Builder written(OpenChunk of) {
    WrittenChunk.Builder written =
        WrittenChunk.newBuilder()
            .setChunkId(of.fresh.chunkId())
            .setLength(of.length)
            .setSealed(of.sealed)
            .setReplicas(replicas);
    of.fresh.chain().forEach(server -> written.addServerIds(server.getServerId()));
    return written;
  }

  private void sealOpenChunk() throws ChainFailure {
    OpenChunk last = chunk;
    AppendFrame frame = new AppendFrame(null);
    frame.seal(last.fresh.chunkId(), last.length);
    last.sealed = true;
    chunk = null;
    useStreamTo(last.fresh.chain());
    stream.awaitAck(stream.send(frame.header(), frame.payload()));
    tail = null;
    lent = false;
    mayExtend = true;
    listener.sealed(written(last).build());
  }

  /** The open chunk, and what was granted for this file, may not be written to any more. */
  void forgetChunk() {
    chunk = null;
    own = null;
    tail = null;
    lent = false;
    left = null;
  }

  /** Gives up: everything unacknowledged, for the caller to free. */
  List<Arena> abandon() {
    List<Arena> arenas = new ArrayList<>();
    underWay.forEach(shipment -> arenas.add(shipment.arena));
    unsent.forEach(shipment -> arenas.add(shipment.arena));
    underWay.clear();
    unsent.clear();
    underWayBytes = 0;
    forgetFailures();
    forgetChunk();
    if (stream != null) {
      stream.close();
      stream = null;
    }
    return arenas;
  }
}
