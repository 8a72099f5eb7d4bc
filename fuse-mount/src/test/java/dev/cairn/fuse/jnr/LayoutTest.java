package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseOperations;
import ru.serce.jnrfuse.struct.Statvfs;

/** Where members of C structures lie: what we and jnr-fuse say, and what the C compiler says. */
final class LayoutTest {

  private static final Runtime RUNTIME = Runtime.getSystemRuntime();

  @TempDir Path directory;

  @Test
  void statAndStatvfs_lieWhereTheCompilerPutsThem() throws Exception {
    FileStat stat = new FileStat(RUNTIME);
    Statvfs statvfs = new Statvfs(RUNTIME);
    assertOffsets(
        "#include <sys/stat.h>\n#include <sys/statvfs.h>",
        Map.ofEntries(
            Map.entry("sizeof(struct stat)", (long) Stat.size()),
            Map.entry(offset("stat", "st_ino"), stat.st_ino.offset()),
            Map.entry(offset("stat", "st_mode"), stat.st_mode.offset()),
            Map.entry(offset("stat", "st_nlink"), stat.st_nlink.offset()),
            Map.entry(offset("stat", "st_uid"), stat.st_uid.offset()),
            Map.entry(offset("stat", "st_gid"), stat.st_gid.offset()),
            Map.entry(offset("stat", "st_rdev"), stat.st_rdev.offset()),
            Map.entry(offset("stat", "st_size"), stat.st_size.offset()),
            Map.entry(offset("stat", "st_blocks"), stat.st_blocks.offset()),
            Map.entry(offset("statvfs", "f_bsize"), statvfs.f_bsize.offset()),
            Map.entry(offset("statvfs", "f_blocks"), statvfs.f_blocks.offset()),
            Map.entry(offset("statvfs", "f_bavail"), statvfs.f_bavail.offset()),
            Map.entry(offset("statvfs", "f_ffree"), statvfs.f_ffree.offset()),
            Map.entry(offset("statvfs", "f_namemax"), statvfs.f_namemax.offset())));
  }

  @Test
  void flock_liesWhereTheCompilerPutsIt() throws Exception {
    assertOffsets(
        "#define _FILE_OFFSET_BITS 64\n#include <fcntl.h>",
        Map.of(
            offset("flock", "l_type"), (long) FcntlLock.TYPE,
            offset("flock", "l_start"), (long) FcntlLock.START,
            offset("flock", "l_len"), (long) FcntlLock.LENGTH,
            offset("flock", "l_pid"), (long) FcntlLock.PID));
  }

  @Test
  void structuresOfFuse_lieWhereTheCompilerPutsThem() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/usr/include/fuse/fuse.h")),
        "skipped: install the package libfuse-dev to check the layout of libfuse's structures");
    FuseOperations operations = new FuseOperations(RUNTIME);
    assertOffsets(
        "#define FUSE_USE_VERSION 26\n#define _FILE_OFFSET_BITS 64\n#include <fuse/fuse.h>",
        Map.ofEntries(
            Map.entry("sizeof(struct fuse_operations)", (long) Struct.size(operations)),
            Map.entry(offset("fuse_operations", "getattr"), operations.getattr.offset()),
            Map.entry(offset("fuse_operations", "open"), operations.open.offset()),
            Map.entry(offset("fuse_operations", "readdir"), operations.readdir.offset()),
            Map.entry(offset("fuse_operations", "utimens"), operations.utimens.offset()),
            Map.entry(offset("fuse_operations", "bmap"), operations.bmap.offset()),
            Map.entry(offset("fuse_operations", "ioctl"), operations.ioctl.offset()),
            Map.entry(offset("fuse_operations", "fallocate"), operations.fallocate.offset()),
            Map.entry(offset("fuse_file_info", "flags"), (long) FileInfo.FLAGS),
            Map.entry(offset("fuse_file_info", "writepage") + " + 4", (long) FileInfo.BITS),
            Map.entry(offset("fuse_file_info", "fh"), (long) FileInfo.HANDLE),
            Map.entry(offset("fuse_file_info", "lock_owner"), (long) FileInfo.LOCK_OWNER),
            Map.entry(offset("fuse_operations", "lock"), operations.lock.offset()),
            Map.entry(offset("fuse_operations", "flock"), operations.flock.offset()),
            Map.entry(
                "*(int *) ((char *) &(struct fuse_file_info) {.keep_cache = 1} + 20)",
                (long) FileInfo.KEEP_CACHE),
            Map.entry("sizeof(struct fuse_args)", 24L),
            Map.entry(offset("fuse_args", "argv"), 8L)));
  }

  private static String offset(String struct, String member) {
    return "offsetof(struct " + struct + ", " + member + ")";
  }

  /** Compiles and runs a program that prints the expressions' values. */
  private void assertOffsets(String head, Map<String, Long> expected) throws Exception {
    List<String> expressions = List.copyOf(expected.keySet());
    StringBuilder program = new StringBuilder(head);
    program.append("\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n");
    for (String expression : expressions) {
      program.append("  printf(\"%ld\\n\", (long) (").append(expression).append("));\n");
    }
    Path source = directory.resolve("layout.c");
    Path binary = directory.resolve("layout");
    Files.writeString(source, program.append("}\n").toString());
    run("cc", "-o", binary.toString(), source.toString());

    List<String> wanted = new ArrayList<>();
    List<String> found = new ArrayList<>();
    List<String> printed = run(binary.toString());
    for (int i = 0; i < expressions.size(); i++) {
      wanted.add(expressions.get(i) + " = " + expected.get(expressions.get(i)));
      found.add(expressions.get(i) + " = " + printed.get(i));
    }
    assertEquals(wanted, found);
  }

  private static List<String> run(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "skipped: install a C compiler to check the layout of structures");
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(30, TimeUnit.SECONDS);
    assertEquals(0, process.exitValue(), output);
    return output.lines().toList();
  }
}
