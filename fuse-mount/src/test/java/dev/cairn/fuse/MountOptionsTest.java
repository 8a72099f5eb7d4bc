package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MountOptionsTest {

  @Test
  void genericOptions_goToTheKernel() {
    assertEquals(
        List.of("noexec", "noatime"),
        new MountOptions(List.of("rw", "noexec", "_netdev", "noatime", "x-systemd.automount"))
            .flags());
  }

  @Test
  void flags_areTheLastOnesGivenOfOpposites() {
    assertEquals(
        List.of("dev", "nosuid"),
        new MountOptions(List.of("suid", "dev", "rw", "noexec", "exec", "nosuid")).flags());
    assertEquals(List.of("relatime"), new MountOptions(List.of("noatime", "relatime")).flags());
    assertEquals(List.of(), new MountOptions(List.of("sync", "async", "noatime", "atime")).flags());
  }

  @Test
  void optionsOfFstabThatConcernOthers_areTaken() {
    List<String> options =
        List.of(
            "defaults",
            "noauto",
            "user",
            "users",
            "owner",
            "group",
            "_netdev",
            "nofail",
            "x-systemd.automount",
            "x-systemd.requires=network-online.target",
            "comment=ours");
    assertEquals(List.of(), new MountOptions(options).flags());
  }

  @Test
  void timesOfAccessThatAreNotKept_areRefusedInASentence() {
    for (String option : List.of("strictatime", "nodiratime")) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> new MountOptions(List.of("rw", option)));
      assertTrue(e.getMessage().contains("'" + option + "' is not supported"), e.getMessage());
    }
  }

  @Test
  void theLaterOfTwoOpposites_counts() {
    assertTrue(new MountOptions(List.of("rw", "ro")).says("ro", "rw"));
    assertFalse(new MountOptions(List.of("ro", "rw")).says("ro", "rw"));
    assertFalse(new MountOptions(List.of()).says("ro", "rw"));
  }

  @Test
  void ourOwnOptions_haveValues() {
    MountOptions options = new MountOptions(List.of("master=host:1", "threads=8"));
    assertEquals("host:1", options.value("master", null));
    assertEquals("none", options.value("log", "none"));
  }

  @Test
  void aMisspeltOption_isRefused() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> new MountOptions(List.of("allow_ohter")));
    assertEquals("there is no mount option 'allow_ohter'", e.getMessage());
  }
}
