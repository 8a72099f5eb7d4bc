package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.data.Want;
import dev.cairn.client.file.Source.Buffered;
import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.GetExtentsRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads one file: from memory what is in memory, at once; the rest on a data thread. When the
 * replicas of a chunk are gone the extents are asked for again, since the chunk may have been
 * replaced, or its servers may just not have reported to a master that restarted. When the master
 * says twice that waiting is in vain, it is not waited: once, because a commit is seen a moment
 * before the places of its chunks are.
 */
final class FileReader {

  private static final int EXTENTS_PER_REQUEST = ExtentPage.MOST_EXTENTS;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int MOST_OVERTAKEN = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private final OpenFile file;
  private final FileTools tools;
  private final FileContent content;

  FileReader(OpenFile file, FileTools tools, FileContent content) {
    this.file = file;
    this.tools = tools;
    this.content = content;
  }

  /** Fills the buffer as far as the file goes; answers how many bytes that were. */
  CompletableFuture<Integer> read(long offset, ByteBuffer into, ReadAhead readAhead) {
    CompletableFuture<Void> fetching = readAhead.covering(offset);
    if (fetching != null) {
      return fetching
          .handle((done, error) -> null)
          .thenCompose(done -> read(offset, into, readAhead));
    }
    CompletableFuture<Integer> result =
        read(offset, into, System.nanoTime() + PATIENCE.toNanos(), FIRST_PAUSE);
    ReadAhead.Window window = readAhead.next(offset, into.remaining());
    if (window.length() > 0) {
      readAhead.started(fetchAhead(window));
    }
    return result;
  }

  /** Goes from one part of the file whose extents are known at once to the next. */
  private CompletableFuture<Integer> read(
      long offset, ByteBuffer into, long giveUpNanos, Duration pause) {
    int length;
    int known;
    Wanted wanted;
    synchronized (file.lock) {
      length = (int) Math.max(0, Math.min(into.remaining(), content.size() - offset));
      if (length == 0) {
        return CompletableFuture.completedFuture(0);
      }
      known = (int) (content.knownEnd(offset, offset + length) - offset);
      if (known == 0) {
        return load(offset).thenCompose(loaded -> read(offset, into, giveUpNanos, pause));
      }
      wanted = gather(offset, into.slice(into.position(), known));
    }
    if (wanted.wants().isEmpty()) {
      into.position(into.position() + known);
      return readRest(offset, into, known, length, giveUpNanos);
    }
    return CompletableFuture.runAsync(() -> fetch(wanted.wants()), tools.dataThreads())
        .handle(
            (done, error) -> {
              if (error == null) {
                into.position(into.position() + known);
                return readRest(offset, into, known, length, giveUpNanos);
              }
              boolean inVain = wanted.lost() && pause.compareTo(FIRST_PAUSE) > 0;
              return again(error, offset, into, inVain ? System.nanoTime() : giveUpNanos, pause);
            })
        .thenCompose(next -> next);
  }

  private CompletableFuture<Integer> readRest(
      long offset, ByteBuffer into, int done, int length, long giveUpNanos) {
    return done == length
        ? CompletableFuture.completedFuture(length)
        : read(offset + done, into, giveUpNanos, FIRST_PAUSE).thenApply(rest -> done + rest);
  }

  /**
   * What must be fetched.
   *
   * @param lost the master knew of a chunk of it that no server will be found to have it
   */
  private record Wanted(List<Want> wants, boolean lost) {}

  private CompletableFuture<Integer> again(
      Throwable failure, long offset, ByteBuffer into, long giveUpNanos, Duration pause) {
    CairnException error = Failures.of(failure);
    boolean mayPass =
        error.code() == ErrorCode.NO_CHUNK
            || error.code() == ErrorCode.UNREACHABLE
            || error.code() == ErrorCode.TIMED_OUT
            || error.code() == ErrorCode.STOPPING;
    if (!mayPass || System.nanoTime() - giveUpNanos >= 0) {
      return CompletableFuture.failedFuture(
          ErrorCode.IO.because(
              "inode " + file.inode() + " cannot be read: " + error.getMessage(), error));
    }
    synchronized (file.lock) {
      content.forgetBase();
    }
    CompletableFuture<Integer> result = new CompletableFuture<>();
    tools
        .timer()
        .after(
            pause,
            () ->
                read(offset, into, giveUpNanos, pause.multipliedBy(2))
                    .whenComplete(
                        (bytes, e) -> {
                          if (e == null) {
                            result.complete(bytes);
                          } else {
                            result.completeExceptionally(Failures.of(e));
                          }
                        }));
    return result;
  }

  private void fetch(List<Want> wants) {
    try {
      tools.fetcher().fetch(wants, file.chunkSize());
    } catch (CairnException e) {
      throw new CompletionException(e);
    }
  }

  /** Copies what is in memory, zeroes holes; answers what must be fetched. Needs the lock. */
  private Wanted gather(long offset, ByteBuffer into) {
    List<Want> wants = new ArrayList<>(1);
    boolean lost = false;
    for (FileContent.Part part : content.parts(offset, offset + into.remaining())) {
      ByteBuffer place = into.slice((int) (part.offset() - offset), (int) part.length());
      if (part.source() == null) {
        zero(place);
      } else if (part.source() instanceof Buffered buffered) {
        buffered.arena().copyTo(buffered.position(), place);
      } else if (part.source() instanceof Stored stored) {
        lost |= want(stored, part.place().serverIds(), place, wants) && part.place().lost();
      }
    }
    return new Wanted(wants, lost);
  }

  private static void zero(ByteBuffer place) {
    while (place.remaining() >= Long.BYTES) {
      place.putLong(0);
    }
    while (place.hasRemaining()) {
      place.put((byte) 0);
    }
  }

  /** Takes cached blocks at the beginning, and wants what is behind; returns whether any is. */
  private boolean want(Stored stored, List<Integer> serverIds, ByteBuffer place, List<Want> wants) {
    long at = stored.chunkOffset();
    long end = at + place.remaining();
    int from = 0;
    while (at < end) {
      int piece = Blocks.firstPiece(at, end - at);
      if (!tools.cache().copy(stored.chunkId(), at, place.slice(from, piece))) {
        break;
      }
      at += piece;
      from += piece;
    }
    if (at < end) {
      wants.add(
          new Want(
              stored.chunkId(),
              at,
              (int) (end - at),
              serverIds,
              place.slice(from, (int) (end - at))));
    }
    return at < end;
  }

  private CompletableFuture<Void> fetchAhead(ReadAhead.Window window) {
    List<Want> wants = new ArrayList<>();
    synchronized (file.lock) {
      long end = Math.min(window.offset() + window.length(), content.size());
      long to = content.knownEnd(window.offset(), end);
      if (to <= window.offset()) {
        return CompletableFuture.completedFuture(null);
      }
      for (FileContent.Part part : content.parts(window.offset(), to)) {
        if (part.source() instanceof Stored stored) {
          wants.add(
              new Want(
                  stored.chunkId(),
                  stored.chunkOffset(),
                  (int) part.length(),
                  part.place().serverIds(),
                  null));
        }
      }
    }
    return wants.isEmpty()
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.runAsync(() -> fetch(wants), tools.dataThreads());
  }

  /** Asks the master for the extents from an offset on, as many as it gives at a time. */
  CompletableFuture<Void> load(long from) {
    return load(from, 0);
  }

  private CompletableFuture<Void> load(long from, int overtaken) {
    GetExtentsRequest request =
        GetExtentsRequest.newBuilder()
            .setInode(file.inode())
            .setFromOffset(from)
            .setLimit(EXTENTS_PER_REQUEST)
            .build();
    return tools
        .master()
        .getExtents(request)
        .thenCompose(
            reply -> {
              synchronized (file.lock) {
                if (reply.getDataVersion() < file.dataVersion()) {
                  // Overtaken by a change this client already knows of.
                  return loadAgain(from, overtaken + 1);
                }
                content.learn(from, reply.getMap());
                if (content.firstUnknown(from, from + 1) == from) {
                  return CompletableFuture.failedFuture(
                      ErrorCode.PROTOCOL.because(
                          "the master gave no extents from " + from + " on"));
                }
              }
              return CompletableFuture.completedFuture(null);
            });
  }

  /** At once at first: by the time of a second answer the change is old. */
  private CompletableFuture<Void> loadAgain(long from, int overtaken) {
    if (overtaken > MOST_OVERTAKEN) {
      return CompletableFuture.failedFuture(
          ErrorCode.IO.because(
              "inode " + file.inode() + ": the master does not know its newest state"));
    }
    if (overtaken == 1) {
      return load(from, overtaken);
    }
    CompletableFuture<Void> paused = new CompletableFuture<>();
    tools.timer().after(FIRST_PAUSE, () -> paused.complete(null));
    return paused.thenCompose(done -> load(from, overtaken));
  }
}
