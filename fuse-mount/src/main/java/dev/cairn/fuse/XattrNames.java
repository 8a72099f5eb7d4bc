package dev.cairn.fuse;

import com.google.protobuf.ByteString;

/**
 * Which extended attributes a mount keeps: {@code user.*} and {@code trusted.*}. The kernel would
 * act upon what it finds in the others without our doing its part: file capabilities ({@code
 * security.capability}) must vanish when the file is written, and access lists ({@code
 * system.posix_acl_*}) must change with the mode. Refusing them with EOPNOTSUPP says so to those
 * who set them, and spares a round trip each time the kernel or ls(1) looks.
 */
public final class XattrNames {

  private static final ByteString USER = ByteString.copyFromUtf8("user.");
  private static final ByteString TRUSTED = ByteString.copyFromUtf8("trusted.");

  private XattrNames() {}

  public static boolean areKept(ByteString name) {
    return name.startsWith(USER) || name.startsWith(TRUSTED);
  }
}
