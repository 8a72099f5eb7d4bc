package dev.cairn.master.store;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.NamePlace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the keys and values of every table look like. Numbers are big-endian and unsigned, so that
 * the order of bytes is the order of numbers; u64 and u32 are 8 and 4 bytes. "proto" is a message
 * of {@code records.proto}.
 *
 * <table>
 * <caption>Tables</caption>
 * <tr><th>table</th><th>key</th><th>value</th></tr>
 * <tr><td>META</td><td>a word in ASCII</td><td>text, or one or several u64</td></tr>
 * <tr><td>INODES</td><td>inode u64</td><td>proto Inode</td></tr>
 * <tr><td>ENTRIES</td><td>parent inode u64, place u64, name bytes: a directory lists in the order
 *     of its places, see {@link NamePlace}</td><td>inode u64, file type u8</td></tr>
 * <tr><td>DENTRIES</td><td>parent inode u64, name bytes: rows of an earlier version, which {@link
 *     EntryMigration} moves to ENTRIES</td><td>inode u64, file type u8</td></tr>
 * <tr><td>XATTRS</td><td>inode u64, name bytes</td><td>the value's bytes</td></tr>
 * <tr><td>EXTENTS</td><td>extent map u64, file offset behind the extent's last byte u64: extents do
 *     not overlap, so one forward seek finds the extent that covers an offset, and a point lookup
 *     the one that ends where another begins</td><td>length u64, chunk u64, offset in the chunk
 *     u64</td></tr>
 * <tr><td>CHUNKS</td><td>chunk u64</td><td>references u32, length u32, replicas u8, sealed
 *     u8</td></tr>
 * <tr><td>GARBAGE</td><td>chunk u64</td><td>time it became garbage, ns since 1970, u64;
 *     1 when no file is known that it was of, u8</td></tr>
 * <tr><td>ORPHANS</td><td>inode or extent map u64, 0 or 1 (extent map) u8</td><td>proto
 *     Orphan</td></tr>
 * <tr><td>SESSIONS</td><td>session u64</td><td>proto Session</td></tr>
 * <tr><td>GRANTS</td><td>session u64, last chunk of the range u64: one forward seek finds the grant
 *     that a chunk belongs to</td><td>proto Grant</td></tr>
 * <tr><td>REPLIES</td><td>session u64, sequence u64</td><td>the reply's bytes; under sequence 0,
 *     which no request has: the first sequence whose reply the client may not have, u64</td></tr>
 * <tr><td>SERVERS</td><td>server u32</td><td>proto ChunkServer</td></tr>
 * <tr><td>BAD_REPLICAS</td><td>chunk u64, server u32</td><td>proto MarkedReplica</td></tr>
 * <tr><td>LOCKS</td><td>inode u64</td><td>proto FileLocks</td></tr>
 * <tr><td>LOCKED_FILES</td><td>session u64, inode u64: the files a session has or wants locks
 *     of</td><td>1 when it waits for one, else 0, u8</td></tr>
 * <tr><td>TRASH</td><td>directory it was in u64, name bytes, 0 u8, complement of the time it was
 *     deleted u64, inode u64: of one name, the last that was deleted comes first</td>
 *     <td>empty</td></tr>
 * <tr><td>TRASH_TIMES</td><td>time until it is kept u64, inode u64</td><td>empty</td></tr>
 * <tr><td>LEASES</td><td>inode u64</td><td>proto Lease</td></tr>
 * <tr><td>LEASED_FILES</td><td>session u64, inode u64: the files a session has leases of</td>
 *     <td>empty</td></tr>
 * </table>
 */
public final class Layout {

  /** The prefix that all keys have. */
  public static final byte[] ALL = new byte[0];

  /** The sequence under which REPLIES says from which request on replies are kept. */
  public static final long REPLIES_KEPT_FROM = 0;

  private static final int U64 = Long.BYTES;

  private Layout() {}

  /** Words of META. */
  public enum Meta {
    /** Text: the cluster's id. */
    CLUSTER_ID,
    /** u64: the first inode number (or extent map number) never given out. */
    NEXT_INODE,
    /** u64: the first chunk id never granted. */
    NEXT_CHUNK,
    /** u64: the first session id never given out. */
    NEXT_SESSION,
    /** u64: the first lease id never given out. */
    NEXT_LEASE,
    /** u64: the first chunk server number never given out. */
    NEXT_SERVER,
    /** u64: 1 when the last master that served stopped in order, 0 while one serves. */
    STOPPED,
    /** u64: chunks with smaller ids are not appended to any more; absent when all may be. */
    EXTENDED_FROM,
    /** Text: why chunk servers delete nothing until an operator says so; absent when they do. */
    DELETIONS_HELD,
    /** u64: how many inodes there are. */
    INODE_COUNT,
    /** u64: how many chunks there are that are not garbage. */
    CHUNK_COUNT,
    /** u64: how many chunks are garbage. */
    GARBAGE_COUNT,
    /** u64: how many chunks are garbage that no file is known to have had, at least. */
    STRAY_COUNT,
    /** u64: how many inodes are in the trash. */
    TRASH_COUNT,
    /** u64: how many bytes extents of what is in the trash covered when it was deleted. */
    TRASH_BYTES,
    /**
     * Of several masters. Four u64: the term and the index of the last entry of their log that is
     * in the tables, and the term and the number of the last batch among those.
     */
    APPLIED;

    public byte[] key() {
      return name().getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** The key, or value, that is one u64. */
  public static byte[] u64(long value) {
    byte[] bytes = new byte[U64];
    putU64(bytes, 0, value);
    return bytes;
  }

  public static byte[] u32(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  public static long u64At(byte[] bytes, int offset) {
    long value = 0;
    for (int i = 0; i < U64; i++) {
      value = (value << 8) | (bytes[offset + i] & 0xff);
    }
    return value;
  }

  /** The key of two u64: extents, grants, replies, locked files, leased files. */
  public static byte[] pair(long first, long second) {
    byte[] bytes = new byte[2 * U64];
    putU64(bytes, 0, first);
    putU64(bytes, U64, second);
    return bytes;
  }

  /** The key of a u64 and a name: xattrs. */
  public static byte[] named(long number, ByteString name) {
    byte[] bytes = new byte[U64 + name.size()];
    putU64(bytes, 0, number);
    name.copyTo(bytes, U64);
    return bytes;
  }

  /** The first possible key behind a name. */
  public static byte[] behindName(long number, ByteString name) {
    return Arrays.copyOf(named(number, name), U64 + name.size() + 1);
  }

  public static ByteString nameIn(byte[] key) {
    return ByteString.copyFrom(key, U64, key.length - U64);
  }

  /** The key of an entry of a directory. */
  public static byte[] entryKey(long parent, ByteString name) {
    byte[] bytes = new byte[2 * U64 + name.size()];
    putU64(bytes, 0, parent);
    putU64(bytes, U64, NamePlace.of(name));
    name.copyTo(bytes, 2 * U64);
    return bytes;
  }

  /** The first possible key behind an entry. */
  public static byte[] behindEntry(long parent, ByteString name) {
    return Arrays.copyOf(entryKey(parent, name), 2 * U64 + name.size() + 1);
  }

  public static long placeIn(byte[] entryKey) {
    return u64At(entryKey, U64);
  }

  public static ByteString nameInEntry(byte[] entryKey) {
    return ByteString.copyFrom(entryKey, 2 * U64, entryKey.length - 2 * U64);
  }

  public static byte[] orphanKey(long id, boolean extentMapOnly) {
    return ByteBuffer.allocate(U64 + 1).putLong(id).put((byte) (extentMapOnly ? 1 : 0)).array();
  }

  /** What all keys of trash with a name in a directory begin with, the last deleted first. */
  public static byte[] trashNamed(long directory, ByteString name) {
    return behindName(directory, name);
  }

  public static byte[] trashKey(long directory, ByteString name, long since, long inode) {
    byte[] key = Arrays.copyOf(named(directory, name), U64 + name.size() + 1 + 2 * U64);
    putU64(key, key.length - 2 * U64, ~since);
    putU64(key, key.length - U64, inode);
    return key;
  }

  public static long inodeOfTrash(byte[] key) {
    return u64At(key, key.length - U64);
  }

  public static byte[] badReplicaKey(long chunk, int server) {
    return ByteBuffer.allocate(U64 + Integer.BYTES).putLong(chunk).putInt(server).array();
  }

  public static byte[] dentryValue(long inode, int type) {
    byte[] bytes = new byte[U64 + 1];
    putU64(bytes, 0, inode);
    bytes[U64] = (byte) type;
    return bytes;
  }

  public static int dentryType(byte[] value) {
    return value[U64];
  }

  public static byte[] extentValue(long length, long chunk, long chunkOffset) {
    byte[] bytes = new byte[3 * U64];
    putU64(bytes, 0, length);
    putU64(bytes, U64, chunk);
    putU64(bytes, 2 * U64, chunkOffset);
    return bytes;
  }

  public static byte[] chunkValue(int references, int length, int replicas, byte state) {
    return ByteBuffer.allocate(2 * Integer.BYTES + 2)
        .putInt(references)
        .putInt(length)
        .put((byte) replicas)
        .put(state)
        .array();
  }

  public static byte[] garbageValue(long since, boolean stray) {
    return ByteBuffer.allocate(U64 + 1).putLong(since).put((byte) (stray ? 1 : 0)).array();
  }

  /** Whether no file is known that the garbage was of; older rows do not say. */
  public static boolean isStray(byte[] garbageValue) {
    return garbageValue.length > U64 && garbageValue[U64] == 1;
  }

  private static void putU64(byte[] bytes, int offset, long value) {
    for (int i = 0; i < U64; i++) {
      bytes[offset + i] = (byte) (value >>> (56 - 8 * i));
    }
  }
}
