package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.vfs.Vfs.Caller;
import org.junit.jupiter.api.Test;

/** Whose changes of a file's content take its set-id bits away. */
class SetIdPrivilegeTest {

  @Test
  void aProcessOfRoot_hasIt_unlessItGaveTheCapabilityUp() {
    assertTrue(SetIdPrivilege.isIn("Name:\tcp\nCapPrm:\t0\nCapEff:\t000001ffffffffff\n"));
    assertFalse(SetIdPrivilege.isIn("Name:\tcp\nCapPrm:\t10\nCapEff:\t000001ffffffffef\n"));
    assertFalse(SetIdPrivilege.isIn(""));
  }

  @Test
  void othersAndProcessesThatAreNotSeen_lackIt() {
    int own = (int) ProcessHandle.current().pid();
    assertTrue(SetIdPrivilege.isLackedBy(new Caller(1000, 0, own)));
    assertTrue(SetIdPrivilege.isLackedBy(new Caller(0, 0, 0)));
    boolean root = "root".equals(System.getProperty("user.name"));
    assertEquals(!root, SetIdPrivilege.isLackedBy(new Caller(root ? 0 : 1000, 0, own)));
  }
}
