package dev.cairn.fuse.kernel;

/** The options of FUSE itself, as mount(2) and fusermount3(1) take them. */
final class MountData {

  private MountData() {}

  static String of(boolean allowOther) {
    return "default_permissions,max_read="
        + ReplyBuffers.LONGEST
        + (allowOther ? ",allow_other" : "");
  }
}
