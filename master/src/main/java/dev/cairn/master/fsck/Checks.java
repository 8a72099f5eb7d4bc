package dev.cairn.master.fsck;

import dev.cairn.master.decide.Defaults;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Writer;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs checks, one at a time, each on a thread of its own. */
public final class Checks {

  /** Takes the pages of one check, on its thread. */
  public interface Pages {

    /**
     * Takes a page, when there is room for it.
     *
     * @throws CairnException when nobody wants any more: ends the check
     */
    void take(CheckPage page) throws CairnException;

    /** The check ended early. */
    void failed(CairnException why);
  }

  private static final Logger log = LoggerFactory.getLogger(Checks.class);

  private final CheckRun.Surroundings master;
  private Thread running;
  private boolean stopped;

  public Checks(Store store, Writer writer, Fleet fleet, ReplicaMap replicas, Defaults defaults) {
    this.master = new CheckRun.Surroundings(store, writer, fleet, replicas, defaults, Counts.MOST);
  }

  /** Begins a check; refuses with BUSY while another one runs. */
  public synchronized void start(CheckRequest request, Pages pages) throws CairnException {
    if (stopped) {
      throw ErrorCode.STOPPING.because("the master is stopping");
    }
    if (running != null) {
      throw ErrorCode.BUSY.because("another check runs: wait until it ends");
    }
    running = new Thread(() -> run(request, pages), "master-check");
    running.start();
  }

  private void run(CheckRequest request, Pages pages) {
    CairnException failure = null;
    try {
      new CheckRun(master, request, pages).run();
    } catch (CairnException e) {
      failure = e;
    } catch (RuntimeException e) {
      // The boundary of the thread: the master goes on, and who asked hears of it.
      log.error("a check failed", e);
      failure = ErrorCode.IO.because("the master failed to check: " + e, e);
    }
    ended();
    if (failure != null) {
      pages.failed(failure);
    }
  }

  private synchronized void ended() {
    running = null;
  }

  static CairnException stopping(InterruptedException cause) {
    return ErrorCode.STOPPING.because("the master is stopping", cause);
  }

  /** Ends a check that runs, and waits for its end: it reads the store. */
  public void stop() throws InterruptedException {
    Thread last;
    synchronized (this) {
      stopped = true;
      last = running;
    }
    if (last != null) {
      last.interrupt();
      last.join();
    }
  }
}
