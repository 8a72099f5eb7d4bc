package dev.cairn.rpc;

/**
 * The permission bits that make a program run as its owner or group. The master takes them away
 * with a commit; until then a client shows its own files without them.
 */
public final class SetIdBits {

  private static final int SET_USER_ID = 04000;
  private static final int SET_GROUP_ID = 02000;
  private static final int GROUP_EXECUTE = 00010;

  private SetIdBits() {}

  public static boolean areIn(int permissions) {
    return (permissions & (SET_USER_ID | SET_GROUP_ID)) != 0;
  }

  /**
   * The permissions without them. Set-group-id without group-execute stays, as Linux has it
   * (setattr_should_drop_sgid in fs/attr.c): it does not make a program run as its group.
   */
  public static int clear(int permissions) {
    int kept = permissions & ~SET_USER_ID;
    return (kept & GROUP_EXECUTE) != 0 ? kept & ~SET_GROUP_ID : kept;
  }
}
