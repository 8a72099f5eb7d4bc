package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.copy.Copies;
import dev.cairn.chunkserver.heartbeat.Heartbeat.Port;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.RegisterReply;
import java.io.Closeable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master that is followed, and what it orders: the one place where an answer of a master has an
 * effect on what is stored. Safe for the threads of all masters.
 *
 * <p>Spares that a former leader named are dropped when another one is followed. What that one says
 * of itself as settled begins with its own first answer.
 */
final class Orders implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  private final LeadingTerm term;
  private final ChunkStore store;
  private final Deletions deletions;
  private final Deletions quarantine;
  private final Copies copies;
  private final Verifier verifier;
  private final Scrubber scrubber;
  private final Port port;

  /** Guarded by this, as all below; null while none is followed. */
  private HostPort followed;

  private boolean draining;
  private String notice = "";

  Orders(
      Masters masters,
      ChunkStore store,
      Deletions deletions,
      Deletions quarantine,
      Copies copies,
      Verifier verifier,
      Scrubber scrubber,
      Port port) {
    this.store = store;
    this.term = new LeadingTerm(masters.areSeveral());
    this.deletions = deletions;
    this.quarantine = quarantine;
    this.copies = copies;
    this.verifier = verifier;
    this.scrubber = scrubber;
    this.port = port;
  }

  void start() {
    deletions.start();
    quarantine.start();
  }

  synchronized void members(Masters masters) {
    term.several(masters.areSeveral());
  }

  synchronized boolean isFollowed(HostPort master) {
    return master.equals(followed);
  }

  /** Whether no master but this one is followed. */
  synchronized boolean isNoOtherFollowed(HostPort master) {
    return followed == null || master.equals(followed);
  }

  synchronized boolean isDraining() {
    return draining;
  }

  /**
   * The number of the last answer of this master without which no spare goes any more; 0 where that
   * cannot be said.
   */
  synchronized long settled(HostPort master) {
    return master.equals(followed) ? Math.min(deletions.settled(), quarantine.settled()) : 0;
  }

  /**
   * Whether nothing goes any more by what this master said: a master that is registered at has all
   * of it judged anew, on the strength of a report of what is here. What another master said, that
   * is followed, stays.
   */
  synchronized boolean mayRegister(HostPort master) {
    return !isNoOtherFollowed(master) || withdrawsSpares();
  }

  private boolean withdrawsSpares() {
    boolean deleting = !deletions.withdrawSpares();
    boolean puttingAside = !quarantine.withdrawSpares();
    return !deleting && !puttingAside;
  }

  /**
   * Notes that a master has registered this server.
   *
   * @return whether that counts: a leader that was not followed before must be registered at again
   *     when something goes still by what the former one said
   */
  synchronized boolean registered(HostPort master, RegisterReply reply) {
    boolean before = isNoOtherFollowed(master);
    boolean obeyed = term.obeys(reply.getTerm(), reply.getLeading());
    if (obeyed) {
      follow(master);
    }
    return !obeyed || before || withdrawsSpares();
  }

  /** Whether a master takes itself for the leader. */
  synchronized boolean leads(long inTerm, boolean leading) {
    return term.leads(inTerm, leading);
  }

  private void follow(HostPort master) {
    if (followed != null && !master.equals(followed)) {
      LOG.info("following the master at {}, and no longer the one at {}", master, followed);
    }
    followed = master;
    // One that does not lead may have said otherwise, which knows less.
    port.serve();
  }

  /** Does what an answer orders, if its master is to be obeyed; says whether it is. */
  synchronized boolean take(HostPort master, HeartbeatReply reply) {
    if (!term.obeys(reply.getTerm(), reply.getLeading())) {
      return false;
    }
    if (!master.equals(followed)) {
      follow(master);
      // What is under way ends by itself, and counts as settled only then.
      boolean unused = withdrawsSpares();
    }
    verifier.ask(reply.getVerifyChunksList());
    store.keepQuarantine(reply.getKeepQuarantine());
    // In this order: what is no longer to be put aside may be copied again.
    deletions.replaceSpares(reply.getAnswer(), reply.getSurplusChunksList());
    quarantine.replaceSpares(reply.getAnswer(), reply.getUnfitChunksList());
    copies.take(reply);
    deletions.addGarbage(reply.getDeleteChunksList());
    quarantine.addGarbage(reply.getQuarantineChunksList());
    draining = reply.getDraining();
    port.drain(draining);
    scrubber.ask(reply.getScrubRequest(), reply.getScrubFullSpeed());
    hear(reply.getNotice());
    return true;
  }

  private void hear(String newNotice) {
    if (!newNotice.isEmpty() && !newNotice.equals(notice)) {
      LOG.warn("the master says: {}", newNotice);
    }
    notice = newNotice;
  }

  @Override
  public void close() {
    copies.close();
    deletions.close();
    quarantine.close();
  }
}
