package dev.cairn.fuse.jnr;

import dev.cairn.fuse.Results;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.metrics.Operations;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The border that no exception crosses. What a callback throws would reach native code, where the
 * value that the callback did not return is taken for its result: on threads that jffi attached it
 * is dropped and the result is 0, a success.
 */
final class Guard {

  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

  private final NameCache cache;
  private final Operations operations = new Operations(Results::name);
  private final Map<String, Operation> meters = new ConcurrentHashMap<>();

  Guard(NameCache cache) {
    this.cache = cache;
  }

  /** The work of a callback; answers what the callback returns. */
  interface Work {
    int run() throws CairnException;
  }

  int run(String operation, Work work) {
    Operation meter = meters.computeIfAbsent(operation, operations::named);
    long began = meter.begin();
    int result = guarded(operation, work);
    meter.ended(began, Math.max(0, -result));
    return result;
  }

  /** What it has run. */
  Operations operations() {
    return operations;
  }

  private int guarded(String operation, Work work) {
    try {
      return work.run();
    } catch (CairnException e) {
      if (e.code() == ErrorCode.STALE) {
        // A directory of the path is another one now. The kernel looks everything up and tries
        // again.
        cache.clear();
      }
      LOG.debug("{}: {}", operation, e.getMessage());
      return Errno.negated(e.code());
    } catch (RuntimeException | Error e) {
      LOG.error("{} failed unexpectedly", operation, e);
      return Errno.negated(ErrorCode.IO);
    }
  }
}
