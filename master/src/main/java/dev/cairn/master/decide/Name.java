package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;

/** What may be the name of an entry: 1 to 255 bytes, any but '/' and NUL. */
public final class Name {

  public static final ByteString SELF = ByteString.copyFromUtf8(".");
  public static final ByteString PARENT = ByteString.copyFromUtf8("..");

  private static final int MAX_BYTES = 255;

  private Name() {}

  /** Refuses what no entry can be called. */
  static void check(ByteString name) throws CairnException {
    checkLookup(name);
    if (name.equals(SELF) || name.equals(PARENT)) {
      throw ErrorCode.INVALID.because("'" + name.toStringUtf8() + "' is no name of an entry");
    }
  }

  /** As {@link #check}, but allows "." and "..". */
  public static void checkLookup(ByteString name) throws CairnException {
    if (name.isEmpty()) {
      throw ErrorCode.INVALID.because("a name is empty");
    }
    if (name.size() > MAX_BYTES) {
      throw ErrorCode.NAME_TOO_LONG.because(
          "a name of " + name.size() + " bytes is longer than " + MAX_BYTES);
    }
    for (int i = 0; i < name.size(); i++) {
      byte b = name.byteAt(i);
      if (b == '/' || b == 0) {
        throw ErrorCode.INVALID.because("a name contains '/' or NUL: " + shown(name));
      }
    }
  }

  /** For messages. */
  static String shown(ByteString name) {
    return "'" + name.toStringUtf8() + "'";
  }
}
