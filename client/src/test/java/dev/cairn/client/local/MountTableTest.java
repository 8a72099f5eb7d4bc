package dev.cairn.client.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountTableTest {

  private static final String TABLE =
      """
      22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
      40 22 0:40 / /mnt/a\\040b rw,nosuid - fuse.cairn cairn:host:7070 rw,user_id=0
      41 22 0:41 / /mnt/c rw shared:2 master:1 - tmpfs tmpfs rw
      42 22 0:42 / /mnt/c rw - fuse.sshfs host:/dir rw
      """;

  private final MountTable table = MountTable.parse(TABLE);

  @Test
  void aMount_isFoundByItsPlace() {
    MountTable.Entry mount = table.at(Path.of("/mnt/a b")).orElseThrow();
    assertEquals("0:40", mount.device());
    assertEquals("cairn:host:7070", mount.source());
    assertTrue(mount.isCairn());
  }

  @Test
  void theUpperOfTwoMounts_isTheOneThatIsSeen() {
    MountTable.Entry mount = table.at(Path.of("/mnt/c")).orElseThrow();
    assertEquals("fuse.sshfs", mount.type());
    assertFalse(mount.isCairn());
  }

  @Test
  void aPlaceWithinAMount_isNoMount() {
    assertTrue(table.at(Path.of("/mnt")).isEmpty());
    assertTrue(table.at(Path.of("/mnt/c/d")).isEmpty());
  }
}
