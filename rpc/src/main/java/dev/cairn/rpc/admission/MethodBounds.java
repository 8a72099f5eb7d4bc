package dev.cairn.rpc.admission;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a request of a method may take.
 *
 * @param mostBytes of the request's message
 * @param kind how long the request stays, and how much the reply takes
 */
public record MethodBounds(int mostBytes, Kind kind) {

  /** How a server handles a method. */
  public enum Kind {
    /** Answered soon and in few bytes. */
    PLAIN,
    /** Answered by a page that may be long. */
    LISTING,
    /** Held for seconds by design. */
    WAITING
  }

  /** The largest message there is: a heartbeat that names 20,000 bad replicas with reasons. */
  public static final int LARGEST_REQUEST_BYTES = 4 << 20;

  private static final int USUAL_BYTES = 64 << 10;
  private static final MethodBounds USUAL = new MethodBounds(USUAL_BYTES, Kind.PLAIN);
  private static final Map<String, MethodBounds> OTHERS = new HashMap<>();

  static {
    // 8,192 extents and as many chunks.
    large("cairn.FileService/Commit", 1 << 20);
    // All open files of a client, twice, and its leases.
    large("cairn.SessionService/KeepAlive", 2 << 20);
    // A value of 64 KiB, which is the most that Linux has (linux/limits.h).
    large("cairn.NamespaceService/SetXattr", 128 << 10);
    large("cairn.ChunkServerService/Heartbeat", LARGEST_REQUEST_BYTES);
    // 10,000 replicas.
    large("cairn.ChunkServerService/ReportChunks", 1 << 20);
    kind("cairn.FileService/GetExtents", Kind.LISTING);
    kind("cairn.NamespaceService/ReadDirectory", Kind.LISTING);
    kind("cairn.TrashService/ListTrash", Kind.LISTING);
    kind("cairn.TrashService/FindTrash", Kind.LISTING);
    kind("cairn.LeaseService/ListLeases", Kind.LISTING);
    kind("cairn.ClusterService/GetStatus", Kind.LISTING);
    kind("cairn.LockService/AwaitLock", Kind.WAITING);
  }

  private static void large(String method, int mostBytes) {
    OTHERS.put(method, new MethodBounds(mostBytes, Kind.PLAIN));
  }

  private static void kind(String method, Kind kind) {
    OTHERS.put(method, new MethodBounds(USUAL_BYTES, kind));
  }

  /** The methods with bounds of their own. */
  static Set<String> named() {
    return OTHERS.keySet();
  }

  /** The bounds of the method with that full name, known or not. */
  public static MethodBounds of(String method) {
    return OTHERS.getOrDefault(method, USUAL);
  }

  /** The error of a request that is longer than its method allows. */
  public static CairnException tooLong(String method) {
    return ErrorCode.TOO_BIG.because(
        "a request to " + method + " is longer than " + of(method).mostBytes() + " bytes");
  }
}
