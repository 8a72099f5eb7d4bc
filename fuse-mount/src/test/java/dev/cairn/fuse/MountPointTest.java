package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPointTest {

  @TempDir Path directory;

  @Test
  void aMountPoint_isFoundBehindSymlinks() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real")).toRealPath();
    Path link = Files.createSymbolicLink(directory.resolve("link"), real);
    assertEquals(real, MountPoint.existing(link));
  }

  @Test
  void aMissingMountPoint_isRefused() {
    Path missing = directory.resolve("missing");
    Exception e = assertThrows(CairnException.class, () -> MountPoint.existing(missing));
    assertEquals(
        "the mount point " + missing + " does not exist: make the directory first", e.getMessage());
  }

  @Test
  void aFileAsMountPoint_isRefused() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThrows(CairnException.class, () -> MountPoint.existing(file));
  }

  @Test
  void aFileOfOursUnderTheMountPoint_isRefused() throws IOException {
    Path mountPoint = Files.createDirectory(directory.resolve("mnt")).toRealPath();
    Path link = Files.createSymbolicLink(directory.resolve("link"), mountPoint);
    MountPoint.refuseInside(mountPoint, List.of(directory.resolve("log"), Path.of("log")));
    for (Path inside :
        List.of(
            mountPoint.resolve("log"), link.resolve("x/y/log"), mountPoint.resolve("../mnt/l"))) {
      assertThrows(
          CairnException.class, () -> MountPoint.refuseInside(mountPoint, List.of(inside)));
    }
  }
}
