package dev.cairn.master.decide;

import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.RegisterRequest;
import java.util.List;
import java.util.regex.Pattern;

/** Checks what a chunk server says of itself: all clients are told to go there. */
public final class ServerClaims {

  /** A host name or an address; underscores are no part of either, and yet in use. */
  private static final Pattern HOST =
      Pattern.compile(
          "[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?");

  private static final Pattern URL =
      Pattern.compile(
          "http://([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?\\]):[0-9]{1,5}");

  private static final Pattern UUID = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern ZONE = Pattern.compile("[^\\x00-\\x20\\x7f]{0,64}");
  private static final int MAX_HOST_CHARACTERS = 253;
  private static final int MAX_URL_CHARACTERS = 300;
  private static final int MAX_VERSION_CHARACTERS = 100;
  private static final int MAX_SHOWN_CHARACTERS = 100;
  private static final int MAX_PORT = 65535;
  private static final int MAX_DISKS = 1000;
  private static final int MAX_TEXT_CHARACTERS = 8192;

  /** An exbibyte: more than any filesystem of our time. */
  private static final long MAX_DISK_BYTES = 1L << 60;

  private ServerClaims() {}

  /**
   * Refuses a registration that cannot be meant.
   *
   * @throws CairnException {@code INVALID}
   */
  static void check(RegisterRequest request) throws CairnException {
    String host = request.getHost();
    if (request.getServerUuid().isEmpty() || host.isEmpty()) {
      throw ErrorCode.INVALID.because("a chunk server says its uuid and its host");
    }
    require(
        UUID.matcher(request.getServerUuid()).matches(),
        "a chunk server's uuid has at most 100 letters, digits, dots and dashes");
    require(
        host.length() <= MAX_HOST_CHARACTERS && HOST.matcher(host).matches(),
        "'" + shown(host) + "' is no host name and no address that clients could connect to");
    require(
        request.getDataPort() >= 1 && request.getDataPort() <= MAX_PORT,
        "a data port is between 1 and " + MAX_PORT + ", not " + request.getDataPort());
    require(
        ZONE.matcher(request.getZone()).matches(),
        "a zone is a name of at most 64 characters without spaces");
    require(
        request.getVersion().length() <= MAX_VERSION_CHARACTERS,
        "a version has at most " + MAX_VERSION_CHARACTERS + " characters");
    check(request.getDisksList());
  }

  /**
   * Refuses disks that cannot be.
   *
   * @throws CairnException {@code INVALID}
   */
  public static void check(List<DiskStatus> disks) throws CairnException {
    require(disks.size() <= MAX_DISKS, "a chunk server has at most " + MAX_DISKS + " disks");
    for (DiskStatus disk : disks) {
      require(
          disk.getPath().length() <= MAX_TEXT_CHARACTERS
              && disk.getFailure().length() <= MAX_TEXT_CHARACTERS
              && disk.getFilesystem().length() <= MAX_TEXT_CHARACTERS,
          "what is said of a disk is longer than " + MAX_TEXT_CHARACTERS + " characters");
      require(
          isSize(disk.getTotalBytes())
              && isSize(disk.getQuarantinedBytes())
              && isSize(disk.getFreeBytes())
              && disk.getQuarantinedChunks() >= 0,
          "the disk "
              + shown(disk.getPath())
              + " has "
              + Long.toUnsignedString(disk.getFreeBytes())
              + " of "
              + Long.toUnsignedString(disk.getTotalBytes())
              + " bytes free, as the chunk server says, which cannot be");
    }
  }

  /** The URL where a process says that it serves metrics; empty for what is none. */
  public static String url(String claimed) {
    return claimed.length() <= MAX_URL_CHARACTERS && URL.matcher(claimed).matches() ? claimed : "";
  }

  private static boolean isSize(long bytes) {
    return bytes >= 0 && bytes <= MAX_DISK_BYTES;
  }

  private static String shown(String text) {
    return ShownText.of(text, MAX_SHOWN_CHARACTERS);
  }

  private static void require(boolean holds, String otherwise) throws CairnException {
    if (!holds) {
      throw ErrorCode.INVALID.because(otherwise);
    }
  }
}
