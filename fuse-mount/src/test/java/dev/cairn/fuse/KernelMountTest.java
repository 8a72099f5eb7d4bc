package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.local.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only the kernel's own protocol can do. */
@Timeout(120)
class KernelMountTest {

  private static final String AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

  private static Mounted mounted;

  @BeforeAll
  static void mount() throws IOException {
    mounted = Mounted.start("kernel");
  }

  @AfterAll
  static void unmount() throws IOException {
    if (mounted != null) {
      mounted.close();
    }
  }

  private static Shell shellIn(String directory) throws IOException {
    return mounted.shell(Files.createDirectory(mounted.root().resolve(directory)));
  }

  @Test
  void hardLinks_countAtOnce() throws IOException {
    Shell shell = shellIn("hardLinks_countAtOnce");
    assertEquals("2 2", shell.check("echo x > f; ln f g; echo $(stat -c %h f g)"));
    assertEquals("1", shell.check("rm f; stat -c %h g"));
  }

  @Test
  void renameFlags_exchangeNames() throws IOException {
    Shell shell = shellIn("renameFlags_exchangeNames");
    shell.check(
        "echo a > a; mkdir b; echo in > b/f; n=316; test $(uname -m) = x86_64 || n=276;"
            + " perl -e 'my ($n, $a, $b) = @ARGV; exit(syscall(0 + $n, -100, $a, -100, $b, 2) != 0)' $n a b;"
            + " test $(cat b) = a; test $(cat a/f) = in");
  }

  @Test
  void openingToTruncateUnprivileged_takesSetIdBitsAwayAtOnce() throws IOException {
    Shell shell = shellIn("openingToTruncateUnprivileged_takesSetIdBitsAwayAtOnce");
    shell.check("echo x > f; chown 65534:65534 f; chmod 6777 f");
    assertEquals("777", shell.check(AS_NOBODY + "sh -c '> f'; stat -c %a f"));
  }

  @Test
  void attributesTheKernelWouldActUpon_areRefused() throws IOException {
    Shell shell = shellIn("attributesTheKernelWouldActUpon_areRefused");
    shell.check("touch f; setfattr -n trusted.some -v 1 f");
    shell.refuses("setfattr -n security.other -v 1 f", "Operation not supported");
    shell.refuses("setfattr -n system.other -v 1 f", "Operation not supported");
  }

  @Test
  void holes_areFoundBySeeking() throws IOException {
    Shell shell = shellIn("holes_areFoundBySeeking");
    assertEquals(
        "1048576 1114112",
        shell.check(
            "truncate -s 2M f; printf x | dd of=f bs=1M seek=1 conv=notrunc 2> /dev/null;"
                + " perl -e 'open F, \"<\", \"f\"; my $d = sysseek(F, 0, 3);"
                + " print $d, \" \", sysseek(F, $d, 4)'"));
  }

  @Test
  void aFileHandle_leadsBackToItsFile() throws IOException {
    Shell shell = shellIn("aFileHandle_leadsBackToItsFile");
    // name_to_handle_at(2) and open_by_handle_at(2), by their numbers on this architecture
    shell.check(
        "n='303, 304'; test $(uname -m) = x86_64 || n='264, 265'; mkdir d; echo found > d/f;"
            + " perl -e 'my ($to, $from) = ('\"$n\"'); my $p = \"d/f\"; my $id = pack(\"i\", 0);"
            + " my $h = pack(\"Ii\", 128, 0) . (\"\\0\" x 128);"
            + " syscall($to, -100, $p, $h, $id, 0) == 0 or die $!;"
            + " rename \"d/f\", \"g\"; system \"echo 2 > /proc/sys/vm/drop_caches\";"
            + " opendir my $d, \".\"; my $fd = syscall($from, fileno $d, $h, 0); $fd >= 0 or die $!;"
            + " open F, \"<&=\", $fd; print <F>' > ../handle; grep -q found ../handle");
  }

  @Test
  void sequentialReads_comeInRequestsOfAMebibyte() throws IOException {
    String device = MountTable.read().at(mounted.root()).orElseThrow().device();
    Path setting = Path.of("/sys/class/bdi", device, "read_ahead_kb");
    assertEquals("4096", Files.readString(setting).strip());
  }

  /**
   * In a mount namespace of its own, where everybody may open the device, as is usual; with the
   * capability to read this build's classes wherever they lie.
   */
  @Test
  void usersOtherThanRoot_mountThroughFusermount(@TempDir Path home) throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/fusermount3")));
    Shell shell = new Shell(home, () -> "");
    Path script =
        Files.writeString(
            home.resolve("script"),
            "set -e\n"
                + "mknod device c 10 229; chmod 666 device; mount --bind device /dev/fuse\n"
                + "mkdir there; chmod 777 . there\n"
                + AS_NOBODY
                + "--inh-caps=+dac_read_search --ambient-caps=+dac_read_search "
                + String.join(" ", Mounted.java())
                + " "
                + MountMain.class.getName()
                + " --binding kernel --ready-file ready there > log 2>&1 &\n"
                + "while kill -0 $! && ! test -e ready; do sleep 0.1; done\n"
                + "findmnt -n -o SOURCE,FSTYPE there || cat log\n"
                + AS_NOBODY
                + "stat -c '%a %F' there\n"
                + AS_NOBODY
                + "fusermount3 -u there; wait $!\n"
                + "! findmnt there\n");
    assertEquals("cairn:memory fuse.cairn\n755 directory", shell.check("unshare -m sh " + script));
  }

  @Test
  void unfinishedWritesBeyondAllBuffers_holdUpNobodyElse() throws IOException {
    try (Mounted own = Mounted.start("kernel")) {
      Shell shell = own.shell(own.root());
      shell.check(
          "echo other > other; for i in $(seq 60); do touch slow$i;"
              + " setfattr -n user.slow -v 1 slow$i; done");
      List<Process> writers = new ArrayList<>();
      for (int i = 1; i <= 60; i++) {
        writers.add(
            shell.start(
                "yes " + i + " | dd bs=1M count=1 iflag=fullblock conv=notrunc of=slow" + i));
      }
      shell.check("echo $(cat other) > copy; ls -l; mkdir d; head -c 9M /dev/zero > big");
      assertTrue(writers.stream().allMatch(Process::isAlive));
      shell.check("setfattr -n user.go -v 1 .");
      writers.forEach(writer -> Mounted.await("a writer ends", () -> !writer.isAlive()));
      shell.check("for i in $(seq 60); do yes $i | head -c 1M | cmp - slow$i; done");
    }
  }

  @Test
  void unfinishedReadsBeyondAllBuffers_holdUpNobodyElse() throws IOException {
    try (Mounted own = Mounted.start("kernel")) {
      Shell shell = own.shell(own.root());
      shell.check(
          "head -c 40M /dev/urandom > slow; cksum < slow > sum; echo other > other;"
              + " setfattr -n user.slow -v 1 slow; sync; echo 1 > /proc/sys/vm/drop_caches");
      List<Process> readers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        readers.add(shell.start("dd if=slow iflag=direct bs=1M count=1 skip=" + i + " of=out" + i));
      }
      shell.check("cat other; ls -l; test \"$(cat other)\" = other");
      shell.check("setfattr -n user.go -v 1 .");
      readers.forEach(reader -> Mounted.await("a reader ends", () -> !reader.isAlive()));
      shell.check("for i in $(seq 0 39); do cat out$i; done | cksum | cmp - sum");
    }
  }
}
