package dev.cairn.client.data;

import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gets wanted bytes from the chunk servers. Each want goes to the best of its replicas first: well
 * before suspect ones, and among equals always the same for one chunk, whose pages that server then
 * has in memory. What fails there goes to the next, until no replica is left. Replicas that are bad
 * while another one is good are reported.
 */
public final class ChunkFetcher {

  /** Bytes asked for in one request, whole blocks counted. */
  private static final int MOST_REQUEST_BYTES = 1 << 20;

  /** Told about replicas that are bad. */
  public interface BadReplicas {
    void report(long chunkId, int serverId, boolean corrupt, String reason);
  }

  private final ServerTable servers;
  private final FetchRequest.Link link;
  private final BadReplicas badReplicas;

  public ChunkFetcher(
      ServerTable servers, DataLinks links, BlockCache cache, BadReplicas badReplicas) {
    this.servers = servers;
    this.link = new FetchRequest.Link(links.connections(), cache);
    this.badReplicas = badReplicas;
  }

  /** A want on its way through its replicas. */
  private static final class Search {
    private final Want want;
    private final int[] order;
    private final List<Miss> misses = new ArrayList<>(0);
    private int tried;
    private CairnException lastError;

    Search(Want want, int[] order) {
      this.want = want;
      this.order = order;
    }
  }

  private record Miss(int serverId, CairnException error) {}

  /**
   * Fetches all wants.
   *
   * @param mostBlockBytes no block of these chunks is longer: the chunk size, where that is smaller
   * @throws CairnException {@code NO_CHUNK} when none of the replicas of a chunk has it, or none is
   *     known; otherwise the error of the last replica tried
   */
  public void fetch(List<Want> wants, int mostBlockBytes) throws CairnException {
    List<Search> open = new ArrayList<>(wants.size());
    for (Want want : wants) {
      open.add(new Search(want, order(want)));
    }
    while (!open.isEmpty()) {
      for (List<Search> batch : batches(open, Math.min(mostBlockBytes, Blocks.SIZE))) {
        fetchFrom(batch.get(0).order[batch.get(0).tried], batch);
      }
      open.removeIf(search -> search.lastError == null);
      for (Search search : open) {
        search.tried++;
      }
    }
  }

  /** Whether the server to be asked first for these bytes failed, and has not worked since. */
  public boolean isDoubtful(Want want) {
    int[] order = order(want);
    return order.length > 0 && servers.isDoubtful(order[0]);
  }

  private int[] order(Want want) {
    List<Integer> candidates = want.servers();
    int n = candidates.size();
    int[] order = new int[n];
    int count = 0;
    int first = n == 0 ? 0 : (int) Long.remainderUnsigned(want.chunkId(), n);
    for (int suspect = 0; suspect < 2; suspect++) {
      for (int i = 0; i < n; i++) {
        int serverId = candidates.get((first + i) % n);
        if (servers.isSuspect(serverId) == (suspect == 1)) {
          order[count++] = serverId;
        }
      }
    }
    return order;
  }

  /** Groups the open searches by the server they try next, in requests that are not too large. */
  private List<List<Search>> batches(List<Search> open, int blockBytes) throws CairnException {
    Map<Integer, List<Search>> current = new LinkedHashMap<>();
    Map<Integer, Long> bytes = new LinkedHashMap<>();
    List<List<Search>> batches = new ArrayList<>();
    for (Search search : open) {
      if (search.tried >= search.order.length) {
        throw search.lastError != null ? search.lastError : noReplica(search.want);
      }
      int server = search.order[search.tried];
      Want want = search.want;
      long cost =
          (long) Blocks.count(want.chunkOffset(), want.length()) * blockBytes
              + (want.length() > blockBytes ? 0 : 64);
      long sum = bytes.getOrDefault(server, 0L);
      if (sum == 0 || sum + cost > MOST_REQUEST_BYTES + Blocks.SIZE) {
        List<Search> batch = new ArrayList<>();
        batches.add(batch);
        current.put(server, batch);
        sum = 0;
      }
      current.get(server).add(search);
      bytes.put(server, sum + cost);
    }
    return batches;
  }

  private static CairnException noReplica(Want want) {
    return ErrorCode.NO_CHUNK.because(
        "no living chunk server is known to hold chunk " + want.chunkId());
  }

  private void fetchFrom(int serverId, List<Search> batch) {
    List<Want> wants = new ArrayList<>(batch.size());
    batch.forEach(search -> wants.add(search.want));
    CairnException[] errors;
    try {
      errors = new FetchRequest(link, servers.addressOf(serverId), wants).run();
      servers.worked(serverId);
    } catch (IOException e) {
      CairnException error = asOurs(e);
      servers.failed(serverId, error.getMessage());
      batch.forEach(search -> search.lastError = error);
      return;
    }
    for (int i = 0; i < errors.length; i++) {
      answered(batch.get(i), serverId, errors[i]);
    }
  }

  private void answered(Search search, int serverId, CairnException error) {
    search.lastError = error;
    if (error != null) {
      if (error.code() == ErrorCode.CORRUPT) {
        badReplicas.report(search.want.chunkId(), serverId, true, error.getMessage());
      } else if (error.code() == ErrorCode.NO_CHUNK) {
        search.misses.add(new Miss(serverId, error));
      }
      return;
    }
    // A chunk that nobody has was deleted; one that only some have is damaged.
    for (Miss miss : search.misses) {
      badReplicas.report(search.want.chunkId(), miss.serverId(), true, miss.error().getMessage());
    }
  }

  private static CairnException asOurs(IOException e) {
    return e instanceof CairnException known
        ? known
        : ErrorCode.UNREACHABLE.because(String.valueOf(e.getMessage()), e);
  }
}
