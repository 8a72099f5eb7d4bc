package dev.cairn.rpc;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The place of a name in every listing of its directory. It follows from the name alone: it stays
 * as it is when other names come and go, when the directory is opened again, and when the master
 * starts again. The master's tables are in this order, so it never changes.
 */
public final class NamePlace {

  /** The lowest place of a name; lower ones are for "." and "..". */
  public static final long FIRST = 16;

  private NamePlace() {}

  /**
   * Returns 63 bits. Two names may have the same place, which nobody meets by chance, and which is
   * too expensive to bring about for more than a few names.
   */
  public static long of(ByteString name) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(name.asReadOnlyByteBuffer());
      return Math.max(ByteBuffer.wrap(digest.digest()).getLong() >>> 1, FIRST);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
