package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.data.Want;
import dev.cairn.client.file.Source.Buffered;
import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.Retry;
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
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Reads one file: from memory what is in memory, at once; the rest on a data thread. When the
 * replicas of a chunk are gone the extents are asked for again, since the chunk may have been
 * replaced, or its servers may just not have reported to a master that restarted. When the master
 * says twice that waiting is in vain, it is not waited: once, because a commit is seen a moment
 * before the places of its chunks are.
 */
final class FileReader {

  private static final int EXTENTS_PER_REQUEST = ExtentPage.MOST_EXTENTS;
  private static final Retry.Pauses PAUSES =
      new Retry.Pauses(Duration.ofMillis(100), Duration.ofSeconds(2));

  private static final Duration OVERTAKEN_PAUSE = Duration.ofMillis(100);
  private static final int MOST_OVERTAKEN = 100;

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
      return behind(fetching, () -> read(offset, into, readAhead));
    }
    CompletableFuture<Integer> result = new Reading(offset, into).run();
    ReadAhead.Window window = readAhead.next(offset, into.remaining());
    if (window.length() > 0) {
      readAhead.started(fetchAhead(window));
    }
    return result;
  }

  /** Reads when the fetch is over; not at all when the result was cancelled before. */
  private static CompletableFuture<Integer> behind(
      CompletableFuture<Void> fetching, Supplier<CompletableFuture<Integer>> reading) {
    CompletableFuture<Integer> result = new CompletableFuture<>();
    fetching.whenComplete(
        (done, error) -> {
          if (!result.isDone()) {
            Failures.forward(reading.get(), result);
          }
        });
    return result;
  }

  /** One read, over as many attempts as it takes. */
  private final class Reading {
    private final long offset;
    private final ByteBuffer into;
    private final Retry retry = new Retry(PAUSES, tools.patience());
    private int done;
    private boolean saidToBeLost;
    private boolean lostForGood;

    Reading(long offset, ByteBuffer into) {
      this.offset = offset;
      this.into = into;
    }

    CompletableFuture<Integer> run() {
      CompletableFuture<Integer> result =
          retry.run(tools.timer()::after, this::attempt, this::mayPass);
      if (!result.isDone()) {
        var unused = result.whenComplete((length, failure) -> tools.servers().goesOn(this));
      }
      return result;
    }

    /** Goes from one part of the file whose extents are known at once to the next. */
    private CompletableFuture<Integer> attempt() {
      long at = offset + done;
      int length;
      int known;
      Wanted wanted;
      synchronized (file.lock) {
        length = (int) Math.max(0, Math.min(into.remaining(), content.size() - at));
        if (length == 0) {
          return CompletableFuture.completedFuture(done);
        }
        known = (int) (content.knownEnd(at, at + length) - at);
        if (known == 0) {
          return load(at).thenCompose(loaded -> attempt());
        }
        wanted = gather(at, into.slice(into.position(), known));
      }
      if (wanted.wants().isEmpty()) {
        return filled(known, length);
      }
      return CompletableFuture.runAsync(() -> fetch(wanted.wants()), threadsFor(wanted.wants()))
          .handle(
              (fetched, failure) ->
                  failure == null
                      ? filled(known, length)
                      : CompletableFuture.<Integer>failedFuture(
                          failed(wanted.lost(), Failures.of(failure))))
          .thenCompose(next -> next);
    }

    private CompletableFuture<Integer> filled(int known, int length) {
      into.position(into.position() + known);
      done += known;
      if (known == length) {
        return CompletableFuture.completedFuture(done);
      }
      retry.progressed();
      saidToBeLost = false;
      return attempt();
    }

    private CairnException failed(boolean lost, CairnException why) {
      synchronized (file.lock) {
        content.forgetBase();
      }
      lostForGood = lost && saidToBeLost;
      saidToBeLost = lost;
      return ErrorCode.IO.because(
          "inode " + file.inode() + " cannot be read: " + why.getMessage(), why);
    }

    /** Whether a failed attempt may go better later, when servers have come back. */
    private boolean mayPass(Throwable failure) {
      Throwable why = Failures.of(failure).getCause();
      if (lostForGood || !(why instanceof CairnException error)) {
        return false;
      }
      boolean may =
          error.code() == ErrorCode.NO_CHUNK
              || error.code() == ErrorCode.UNREACHABLE
              || error.code() == ErrorCode.TIMED_OUT
              || error.code() == ErrorCode.STOPPING;
      if (may) {
        tools.servers().awaited(this, error, retry.waited(), tools.patience());
      }
      return may;
    }
  }

  /**
   * What must be fetched.
   *
   * @param lost the master knew of a chunk of it that no server will be found to have it
   */
  private record Wanted(List<Want> wants, boolean lost) {}

  /** Who asks servers that may be silent must not hold up those who ask others. */
  private Executor threadsFor(List<Want> wants) {
    return wants.stream().anyMatch(tools.fetcher()::isDoubtful)
        ? tools.threads().doubtful()
        : tools.threads().reading();
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
        : CompletableFuture.runAsync(() -> fetch(wants), threadsFor(wants));
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
    tools.timer().after(OVERTAKEN_PAUSE, () -> paused.complete(null));
    return paused.thenCompose(done -> load(from, overtaken));
  }
}
