package dev.cairn.master.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Table;
import dev.cairn.master.store.Tables;
import dev.cairn.rpc.proto.FileType;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** Typed reads of the state. As consistent, and as safe for threads, as the tables below. */
public final class MetadataView {

  /** The root directory's number. */
  public static final long ROOT = 1;

  private final Tables tables;

  /** Null: they are read from the rows each time. */
  private final ReplyWindows windows;

  public MetadataView(Tables tables) {
    this(tables, null);
  }

  /**
   * Makes a view.
   *
   * @param windows that follow all records that are applied to the tables
   */
  public MetadataView(Tables tables, ReplyWindows windows) {
    this.tables = tables;
    this.windows = windows;
  }

  /** The inode, or null. */
  public Inode inode(long number) {
    return parse(Inode.parser(), tables.get(Table.INODES, Layout.u64(number)));
  }

  /** The entry, or null. */
  public Dentry dentry(long parent, ByteString name) {
    byte[] value = tables.get(Table.ENTRIES, Layout.entryKey(parent, name));
    return value == null ? null : dentry(parent, name, value);
  }

  private static Dentry dentry(long parent, ByteString name, byte[] value) {
    return Dentry.newBuilder()
        .setParent(parent)
        .setName(name)
        .setInode(Layout.u64At(value, 0))
        .setType(FileType.forNumber(Layout.dentryType(value)))
        .build();
  }

  /** Is shown an entry of a directory. */
  public interface EntryVisitor {
    /** Takes one entry; returns whether to go on. */
    boolean visit(Dentry dentry, long place);
  }

  /** Visits all entries of a directory in the order of their places, while more are wanted. */
  public void dentries(long parent, Predicate<Dentry> visitor) {
    entriesFrom(parent, Layout.u64(parent), (dentry, place) -> visitor.test(dentry));
  }

  /** Visits the entries behind that of a name. */
  public void dentriesBehind(long parent, ByteString name, Predicate<Dentry> visitor) {
    entriesFrom(parent, Layout.behindEntry(parent, name), (dentry, place) -> visitor.test(dentry));
  }

  /** Visits the entries with a higher place. */
  public void dentriesBehindPlace(long parent, long place, EntryVisitor visitor) {
    entriesFrom(parent, Layout.pair(parent, place + 1), visitor);
  }

  private void entriesFrom(long parent, byte[] key, EntryVisitor visitor) {
    try (Cursor rows = tables.cursor(Table.ENTRIES, Layout.u64(parent))) {
      boolean more = rows.seek(key);
      while (more) {
        byte[] found = rows.key();
        Dentry dentry = dentry(parent, Layout.nameInEntry(found), rows.value());
        more = visitor.visit(dentry, Layout.placeIn(found)) && rows.next();
      }
    }
  }

  /** The value of an extended attribute, or null. */
  public ByteString xattr(long inode, ByteString name) {
    byte[] value = tables.get(Table.XATTRS, Layout.named(inode, name));
    return value == null ? null : ByteString.copyFrom(value);
  }

  /** Visits the names of an inode's extended attributes. */
  public void xattrNames(long inode, Consumer<ByteString> visitor) {
    try (Cursor rows = tables.cursor(Table.XATTRS, Layout.u64(inode))) {
      for (boolean more = rows.seek(Layout.u64(inode)); more; more = rows.next()) {
        visitor.accept(Layout.nameIn(rows.key()));
      }
    }
  }

  public ExtentCursor extents(long map) {
    return new ExtentCursor(tables, map);
  }

  /** The extent that ends exactly there, or null. */
  public ExtentRow extentEndingAt(long map, long end) {
    byte[] key = Layout.pair(map, end);
    byte[] value = tables.get(Table.EXTENTS, key);
    return value == null ? null : ExtentRow.of(key, value);
  }

  /** The chunk, or null when no file refers to it and none will (again). */
  public ChunkRow chunk(long id) {
    byte[] value = tables.get(Table.CHUNKS, Layout.u64(id));
    return value == null ? null : ChunkRow.of(value);
  }

  /** Visits chunks from the given id on, while the visitor wants more. */
  public void chunksFrom(long id, BiPredicate<Long, ChunkRow> visitor) {
    try (Cursor rows = tables.cursor(Table.CHUNKS, Layout.ALL)) {
      boolean more = rows.seek(Layout.u64(id));
      while (more) {
        more = visitor.test(Layout.u64At(rows.key(), 0), ChunkRow.of(rows.value())) && rows.next();
      }
    }
  }

  /** Since when the chunk is garbage, or null when it is not. */
  public Long garbageSince(long chunk) {
    byte[] value = tables.get(Table.GARBAGE, Layout.u64(chunk));
    return value == null ? null : Layout.u64At(value, 0);
  }

  /** Is shown a chunk that is garbage. */
  public interface GarbageVisitor {
    /**
     * Takes one chunk; answers whether to go on.
     *
     * @param stray no file is known that it was of
     */
    boolean visit(long chunk, long since, boolean stray);
  }

  /** Visits garbage from the given chunk id on, while the visitor wants more. */
  public void garbageFrom(long chunk, GarbageVisitor visitor) {
    try (Cursor rows = tables.cursor(Table.GARBAGE, Layout.ALL)) {
      boolean more = rows.seek(Layout.u64(chunk));
      while (more) {
        more =
            visitor.visit(
                    Layout.u64At(rows.key(), 0),
                    Layout.u64At(rows.value(), 0),
                    Layout.isStray(rows.value()))
                && rows.next();
      }
    }
  }

  /** Whether the orphan still waits to be taken apart. */
  public boolean isOrphan(Orphan orphan) {
    byte[] key = Layout.orphanKey(orphan.getId(), orphan.getExtentMapOnly());
    return tables.get(Table.ORPHANS, key) != null;
  }

  public void orphans(Consumer<Orphan> visitor) {
    all(Table.ORPHANS, Layout.ALL, Orphan.parser(), visitor);
  }

  public Session session(long id) {
    return parse(Session.parser(), tables.get(Table.SESSIONS, Layout.u64(id)));
  }

  /** Whether the inode, which has a row, is in the trash. */
  public boolean isTrashed(Inode inode) {
    byte[] key = Layout.pair(inode.getTrashed().getUntil(), inode.getAttributes().getInode());
    return inode.hasTrashed() && tables.get(Table.TRASH_TIMES, key) != null;
  }

  /** The inode of that name in a directory that was deleted last; 0 when none is in the trash. */
  public long lastTrashed(long directory, ByteString name) {
    byte[] prefix = Layout.trashNamed(directory, name);
    try (Cursor rows = tables.cursor(Table.TRASH, prefix)) {
      return rows.seek(prefix) ? Layout.inodeOfTrash(rows.key()) : 0;
    }
  }

  /** Visits what is in the trash of one directory, while the visitor wants more. */
  public void trashIn(long directory, LongPredicate visitor) {
    byte[] prefix = Layout.u64(directory);
    try (Cursor rows = tables.cursor(Table.TRASH, prefix)) {
      boolean more = rows.seek(prefix);
      while (more) {
        more = visitor.test(Layout.inodeOfTrash(rows.key())) && rows.next();
      }
    }
  }

  /**
   * Visits the trash by the time until it is kept, and the inode, from the given ones on, while the
   * visitor wants more.
   */
  public void trashFrom(long until, long inode, BiPredicate<Long, Long> visitor) {
    try (Cursor rows = tables.cursor(Table.TRASH_TIMES, Layout.ALL)) {
      boolean more = rows.seek(Layout.pair(until, inode));
      while (more) {
        byte[] key = rows.key();
        more = visitor.test(Layout.u64At(key, 0), Layout.u64At(key, 8)) && rows.next();
      }
    }
  }

  public void sessions(Consumer<Session> visitor) {
    all(Table.SESSIONS, Layout.ALL, Session.parser(), visitor);
  }

  /** The grant of the session that the chunk belongs to, or null. */
  public Grant grantOf(long session, long chunk) {
    try (Cursor rows = tables.cursor(Table.GRANTS, Layout.u64(session))) {
      if (!rows.seek(Layout.pair(session, chunk))) {
        return null;
      }
      Grant grant = parse(Grant.parser(), rows.value());
      return Long.compareUnsigned(grant.getFirst(), chunk) <= 0 ? grant : null;
    }
  }

  /** The first grant of the first session from the given one on, or null. */
  public Grant firstGrantFrom(long session) {
    try (Cursor rows = tables.cursor(Table.GRANTS, Layout.ALL)) {
      return rows.seek(Layout.u64(session)) ? parse(Grant.parser(), rows.value()) : null;
    }
  }

  /** Visits the grants of all sessions. */
  public void allGrants(Consumer<Grant> visitor) {
    all(Table.GRANTS, Layout.ALL, Grant.parser(), visitor);
  }

  /** The reply that was given to the request, or null. */
  public byte[] reply(long session, long sequence) {
    return tables.get(Table.REPLIES, Layout.pair(session, sequence));
  }

  /** Which of the session's requests have replies that are kept. */
  public ReplyWindow replyWindow(long session) {
    return windows == null ? windowInRows(session) : windows.of(session, this::windowInRows);
  }

  private ReplyWindow windowInRows(long session) {
    byte[] from = reply(session, Layout.REPLIES_KEPT_FROM);
    // A session that an earlier version opened has no such row until it forgets a reply.
    long first = from != null ? Layout.u64At(from, 0) : Math.max(1, firstReplyKept(session, 1));
    return new ReplyWindow(first, lastReplyKept(session));
  }

  /** The first request from the given one on whose reply is kept; 0 when there is none. */
  public long firstReplyKept(long session, long from) {
    try (Cursor rows = tables.cursor(Table.REPLIES, Layout.u64(session))) {
      return rows.seek(Layout.pair(session, from)) ? Layout.u64At(rows.key(), 8) : 0;
    }
  }

  /** The last request of the session whose reply is kept; 0 when there is none. */
  private long lastReplyKept(long session) {
    long last = 0;
    try (Cursor rows = tables.cursor(Table.REPLIES, Layout.u64(session))) {
      for (boolean there = rows.seek(Layout.u64(session)); there; there = rows.next()) {
        last = Layout.u64At(rows.key(), 8);
      }
    }
    return last;
  }

  /** The first session with a kept reply from the given one on; 0 when there is none. */
  public long firstSessionWithReplies(long session) {
    try (Cursor rows = tables.cursor(Table.REPLIES, Layout.ALL)) {
      return rows.seek(Layout.u64(session)) ? Layout.u64At(rows.key(), 0) : 0;
    }
  }

  public void servers(Consumer<ChunkServer> visitor) {
    all(Table.SERVERS, Layout.ALL, ChunkServer.parser(), visitor);
  }

  public ChunkServer server(int id) {
    return parse(ChunkServer.parser(), tables.get(Table.SERVERS, Layout.u32(id)));
  }

  public void badReplicas(Consumer<MarkedReplica> visitor) {
    all(Table.BAD_REPLICAS, Layout.ALL, MarkedReplica.parser(), visitor);
  }

  /** Visits the replicas of one chunk that are marked as bad. */
  public void badReplicasOf(long chunk, Consumer<MarkedReplica> visitor) {
    all(Table.BAD_REPLICAS, Layout.u64(chunk), MarkedReplica.parser(), visitor);
  }

  public MarkedReplica badReplica(long chunk, int server) {
    return parse(
        MarkedReplica.parser(),
        tables.get(Table.BAD_REPLICAS, Layout.badReplicaKey(chunk, server)));
  }

  /** The locks of the file and the waits for some; null when there are none. */
  public FileLocks locks(long inode) {
    return parse(FileLocks.parser(), tables.get(Table.LOCKS, Layout.u64(inode)));
  }

  public void allLocks(Consumer<FileLocks> visitor) {
    all(Table.LOCKS, Layout.ALL, FileLocks.parser(), visitor);
  }

  /** Visits the files the session has or wants locks of, with whether it waits for one there. */
  public void lockedFiles(long session, BiConsumer<Long, Boolean> visitor) {
    try (Cursor rows = tables.cursor(Table.LOCKED_FILES, Layout.u64(session))) {
      for (boolean more = rows.seek(Layout.u64(session)); more; more = rows.next()) {
        visitor.accept(Layout.u64At(rows.key(), 8), rows.value()[0] != 0);
      }
    }
  }

  /** The lease that somebody has of the file; null when nobody has one. */
  public Lease lease(long inode) {
    return parse(Lease.parser(), tables.get(Table.LEASES, Layout.u64(inode)));
  }

  /** Visits the leases of files from the given one on, while the visitor wants more. */
  public void leasesFrom(long inode, Predicate<Lease> visitor) {
    try (Cursor rows = tables.cursor(Table.LEASES, Layout.ALL)) {
      boolean more = rows.seek(Layout.u64(inode));
      while (more) {
        more = visitor.test(parse(Lease.parser(), rows.value())) && rows.next();
      }
    }
  }

  /** Visits the files the session has leases of. */
  public void leasedFiles(long session, LongConsumer visitor) {
    try (Cursor rows = tables.cursor(Table.LEASED_FILES, Layout.u64(session))) {
      for (boolean more = rows.seek(Layout.u64(session)); more; more = rows.next()) {
        visitor.accept(Layout.u64At(rows.key(), 8));
      }
    }
  }

  /** Why chunk servers delete nothing until an operator says so; empty when they do. */
  public String whyDeletionsAreHeld() {
    return text(Meta.DELETIONS_HELD);
  }

  /** The text; empty when it is not set. */
  public String text(Layout.Meta word) {
    byte[] value = tables.get(Table.META, word.key());
    return value == null ? "" : new String(value, StandardCharsets.UTF_8);
  }

  /** The number; 0 when it is not set. */
  public long number(Layout.Meta word) {
    byte[] value = tables.get(Table.META, word.key());
    return value == null ? 0 : Layout.u64At(value, 0);
  }

  private <M extends Message> void all(
      Table table, byte[] prefix, Parser<M> parser, Consumer<M> visitor) {
    try (Cursor rows = tables.cursor(table, prefix)) {
      for (boolean more = rows.seek(prefix); more; more = rows.next()) {
        visitor.accept(parse(parser, rows.value()));
      }
    }
  }

  private static <M extends Message> M parse(Parser<M> parser, byte[] value) {
    if (value == null) {
      return null;
    }
    try {
      return parser.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a row of the master's tables is not what it should be", e);
    }
  }
}
