package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.LeaseTerm;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.EndLeaseReply;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ReleaseLeaseReply;
import dev.cairn.rpc.proto.ReleaseLeaseRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.TakeLeaseReply;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes leases, gives them back and ends them, and refuses changes of files that somebody else has
 * one of. A lease is in force as long as its row is there: see the package.
 */
public final class LeaseDecider {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Defaults defaults;

  public LeaseDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  /** Refuses a lease of a file that others have open for writing. */
  public interface Writers {
    void refuseOthers(long inode) throws CairnException;
  }

  /** Takes a lease, or gives the one the asker has another term. */
  public Decision<TakeLeaseReply> take(
      MetadataView view, TakeLeaseRequest request, Writers writers, long now)
      throws CairnException {
    Inode inode = view.inode(request.getInode());
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + request.getInode() + " is gone");
    }
    FileLength.checkRegular(inode);
    Lease before = view.lease(request.getInode());
    if (before == null) {
      writers.refuseOthers(request.getInode());
    } else if (!holds(view, before, request.getContext().getSessionId())) {
      throw held(before);
    } else if (request.getExclusive()) {
      throw ErrorCode.EXISTS.because("the lease is taken already, by " + before.getHolder());
    }
    Lease.Builder lease = before == null ? fresh(view, request) : before.toBuilder();
    long term = checkedTerm(request.getTermMillis());
    lease.setTermMillis(term).setExpiresAt(now + term * NANOS_PER_MILLI);
    if (request.getParent() != 0) {
      lease.setParent(request.getParent()).setName(request.getName());
    }
    TakeLeaseReply reply =
        TakeLeaseReply.newBuilder()
            .setLease(lease.getId())
            .setAttributes(defaults.inForce(inode))
            .build();
    return new Decision<>(List.of(taken(lease)), reply);
  }

  private static long checkedTerm(long millis) throws CairnException {
    try {
      return LeaseTerm.checked(Duration.ofMillis(millis)).toMillis();
    } catch (IllegalArgumentException e) {
      throw ErrorCode.INVALID.because(e.getMessage(), e);
    }
  }

  private static Lease.Builder fresh(MetadataView view, TakeLeaseRequest request)
      throws CairnException {
    long number = request.getContext().getSessionId();
    Session session = view.session(number);
    if (session == null) {
      throw SessionDecider.expired(number);
    }
    boolean ofUser = !session.getUser().isEmpty();
    return Lease.newBuilder()
        .setInode(request.getInode())
        .setId(Math.max(1, view.number(Meta.NEXT_LEASE)))
        .setSession(ofUser ? 0 : number)
        .setHolder(ofUser ? session.getUser() : session.getDescription());
  }

  /** Gives back a lease the asker has. */
  public static Decision<ReleaseLeaseReply> release(MetadataView view, ReleaseLeaseRequest request)
      throws CairnException {
    Lease lease = view.lease(request.getInode());
    if (lease == null) {
      throw ErrorCode.NO_ATTRIBUTE.because("nobody has a lease of it (any more)");
    }
    if (!holds(view, lease, request.getContext().getSessionId())) {
      throw ErrorCode.NOT_PERMITTED.because("the lease is that of " + lease.getHolder());
    }
    return new Decision<>(
        List.of(ended(request.getInode())), ReleaseLeaseReply.getDefaultInstance());
  }

  /** Ends a lease, whoever has it. */
  public static Decision<EndLeaseReply> end(MetadataView view, long inode) {
    Lease lease = view.lease(inode);
    return lease == null
        ? Decision.replyOnly(EndLeaseReply.getDefaultInstance())
        : new Decision<>(
            List.of(ended(inode)),
            EndLeaseReply.newBuilder()
                .setHolder(lease.getHolder())
                .setSessionId(lease.getSession())
                .build());
  }

  /** Ends this very lease: not another one of the file, nor one that was renewed meanwhile. */
  public static Decision<EndLeaseReply> end(MetadataView view, Lease lease) {
    return lease.equals(view.lease(lease.getInode()))
        ? end(view, lease.getInode())
        : Decision.replyOnly(EndLeaseReply.getDefaultInstance());
  }

  /** What becomes of a session's leases when it ends. */
  static List<Record> endOfSession(MetadataView view, long session) {
    List<Record> records = new ArrayList<>();
    view.leasedFiles(session, inode -> records.add(ended(inode)));
    return records;
  }

  /**
   * Refuses a change of a file's content, or of a name of it, by somebody who may not make it:
   * while another one has the lease, or when it was made under a lease that is over.
   */
  static void checkMayChange(MetadataView view, long inode, RequestContext by)
      throws CairnException {
    Lease lease = view.lease(inode);
    boolean holds = lease != null && holds(view, lease, by.getSessionId());
    if (by.getLease() != 0 && !(holds && lease.getId() == by.getLease())) {
      throw ErrorCode.LEASE_LOST.because(
          "lease " + by.getLease() + " of inode " + inode + " is over");
    }
    if (lease != null && !holds) {
      throw held(lease);
    }
  }

  /** Refuses writing of a file that somebody else has a lease of. */
  public static void checkMayWrite(MetadataView view, long inode, long session)
      throws CairnException {
    Lease lease = view.lease(inode);
    if (lease != null && !holds(view, lease, session)) {
      throw held(lease);
    }
  }

  /** The lease the session has of the file, its own or its user's; 0 when it has none. */
  public static long heldBy(MetadataView view, long inode, long session) {
    Lease lease = view.lease(inode);
    return lease != null && holds(view, lease, session) ? lease.getId() : 0;
  }

  /**
   * The record that ends a user's lease of a file that has lost its last name: nobody finds it by a
   * path any longer. Not so that of a mount, whose processes may have the file open and write on
   * under it.
   */
  static List<Record> endOfNames(MetadataView view, Inode after) {
    long inode = after.getAttributes().getInode();
    Lease lease = view.lease(inode);
    boolean ofUser = lease != null && lease.getSession() == 0;
    return ofUser && after.getAttributes().getLinks() == 0 ? List.of(ended(inode)) : List.of();
  }

  /**
   * The records that make the lease of a file that is replaced one of the file in its place: it is
   * the name that its holder, who puts it there, wants to keep. None when there is no lease to
   * move.
   */
  static List<Record> moved(MetadataView view, long replaced, Inode replacing) {
    Lease lease = view.lease(replaced);
    long inode = replacing.getAttributes().getInode();
    boolean regular = replacing.getAttributes().getType() == FileType.REGULAR;
    if (lease == null || !regular || view.lease(inode) != null) {
      return List.of();
    }
    return List.of(ended(replaced), taken(lease.toBuilder().setInode(inode)));
  }

  private static boolean holds(MetadataView view, Lease lease, long number) {
    if (lease.getSession() != 0) {
      return lease.getSession() == number;
    }
    Session session = view.session(number);
    return session != null && session.getUser().equals(lease.getHolder());
  }

  private static CairnException held(Lease lease) {
    return ErrorCode.BUSY.because(lease.getHolder() + " has a lease of the file");
  }

  private static Record taken(Lease.Builder lease) {
    return Record.newBuilder().setLeaseTaken(lease).build();
  }

  private static Record ended(long inode) {
    return Record.newBuilder().setLeaseEnded(inode).build();
  }
}
