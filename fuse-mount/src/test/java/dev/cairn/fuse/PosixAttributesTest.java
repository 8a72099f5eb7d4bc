package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Permissions, owners, times, extended attributes and the filesystem's own figures. */
@ParameterizedClass
@ValueSource(strings = {"kernel", "jnr", "cluster"})
@Timeout(120)
class PosixAttributesTest extends PosixCases {

  private static final String AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

  @Test
  void chmod_setsAllTwelveBits() {
    assertEquals("7654", shell.check("touch f; chmod 7654 f; stat -c %a f"));
    assertEquals("1777", shell.check("mkdir d; chmod 1777 d; stat -c %a d"));
  }

  @Test
  void changesThroughOneHardLink_areThoseOfTheOther() {
    shell.check("echo content > a; mkdir d; ln a d/b; stat a d/b");
    for (String change :
        List.of(
            "chmod 640 a",
            "chmod 4711 d/b",
            "chown 12:34 a",
            "touch -d @1234567890 d/b",
            "truncate -s 3 a",
            "echo more >> d/b",
            "ln d/b c",
            "mv c d/c; rm d/c")) {
      shell.check(change);
      String facts = "stat -c '%i %h %f %u %g %s %.Y %.Z' ";
      String same = "test \"$(" + facts + "a)\" = \"$(" + facts + "d/b)\" || " + facts + "a d/b";
      if (kind.equals("jnr")) {
        // The kernel has attributes of each path there, and trusts them for a second.
        Mounted.await(change, () -> shell.check(same).isEmpty());
      } else {
        assertEquals("", shell.check(same), change);
      }
    }
    assertEquals("conmore", shell.check("cat a; rm a"));
    Mounted.await("one link is left", () -> shell.check("stat -c %h d/b").equals("1"));
  }

  @Test
  void umask_isTakenFromWhatIsMade() {
    assertEquals("600 700", shell.check("umask 077; touch f; mkdir d; echo $(stat -c %a f d)"));
    assertEquals("666 777", shell.check("umask 0; touch g; mkdir e; echo $(stat -c %a g e)"));
  }

  @Test
  void chown_setsOwnerAndGroup() {
    assertEquals("12 34", shell.check("touch f; chown 12:34 f; stat -c '%u %g' f"));
    assertEquals("12 56", shell.check("chgrp 56 f; stat -c '%u %g' f"));
    assertEquals("78", shell.check("ln -s f l; chown -h 78 l; stat -c %u l"));
  }

  @Test
  void chown_takesSetIdBitsAway() {
    assertEquals("755", shell.check("touch f; chmod 6755 f; chown 12 f; stat -c %a f"));
  }

  @Test
  void aSetGroupIdDirectory_handsItsGroupDown() {
    assertEquals(
        "77 77 2755",
        shell.check(
            "mkdir d; chgrp 77 d; chmod 2755 d; touch d/f; mkdir d/e;"
                + " echo $(stat -c %g d/f d/e) $(stat -c %a d/e)"));
  }

  @Test
  void newFiles_belongToTheirMaker() {
    assertEquals(
        "65534 65534", shell.check("chmod 777 .; " + AS_NOBODY + "touch f; stat -c '%u %g' f"));
  }

  @Test
  void permissions_areChecked() {
    shell.check("echo secret > f; chmod 600 f; mkdir d; chmod 700 d");
    shell.refuses(AS_NOBODY + "cat f", "Permission denied");
    shell.refuses(AS_NOBODY + "touch d/g", "Permission denied");
    shell.refuses(AS_NOBODY + "rm -f f", "Permission denied");
    shell.refuses(AS_NOBODY + "chmod 666 f", "Operation not permitted");
  }

  @Test
  void aStickyDirectory_keepsOthersFiles() {
    shell.check("chmod 1777 .; touch f");
    shell.refuses(AS_NOBODY + "rm -f f", "Operation not permitted");
  }

  @Test
  void writingUnprivileged_takesSetIdBitsAway() {
    shell.check("touch f g; chown 65534:65534 f g; chmod 6777 f g");
    assertEquals("777", shell.check(AS_NOBODY + "sh -c 'echo x >> f'; stat -c %a f"));
    assertEquals("777", shell.check(AS_NOBODY + "truncate -s 5 g; stat -c %a g"));
  }

  @Test
  void writingUnprivileged_takesSetIdBitsAway_beforeTheFileIsClosed() {
    assertEquals(
        "777",
        shell.check(
            "touch f; chmod 6777 f; "
                + AS_NOBODY
                + "sh -c 'exec 3<> f; echo x >&3; stat -c %a f'"));
    assertEquals("777", shell.check("stat -c %a f"));
  }

  @Test
  void writingAsRoot_keepsSetIdBits() {
    assertEquals("6777", shell.check("touch f; chmod 6777 f; echo x >> f; stat -c %a f"));
  }

  @Test
  void touch_setsTimesToTheNanosecond() {
    assertEquals(
        "2001-02-03 04:05:06.123456789 +0000",
        shell.check("touch -d '2001-02-03 04:05:06.123456789Z' f; TZ=UTC stat -c %y f"));
    assertEquals(
        "-1000000000 -1000000000", shell.check("touch -d @-1000000000 f; stat -c '%X %Y' f"));
    assertEquals("5 7", shell.check("touch -a -d @5 f; touch -m -d @7 f; stat -c '%X %Y' f"));
  }

  @Test
  void times_reachFrom1677To2262_andStopThere() {
    for (String seconds : List.of("-2177452800", "-1", "4294967296", "9223372035")) {
      assertEquals(seconds, shell.check("touch -d @" + seconds + " f; stat -c %Y f"));
    }
    assertEquals("9223372035", shell.check("touch -d @15032385535 f; stat -c %Y f"));
    assertEquals("-9223372036", shell.check("touch -d @-9999999999 f; stat -c %Y f"));
  }

  @Test
  void timesOfAWrite_areNotMovedByItsCommit() {
    shell.check(
        "exec 3> f; echo x >&3; a=$(stat -c '%.Y %.Z' f);"
            + " until [ $(stat -c %b f) != 0 ]; do sleep .1; done; test \"$a\" = \"$(stat -c '%.Y %.Z' f)\";"
            + " exec 3>&-; test \"$a\" = \"$(stat -c '%.Y %.Z' f)\"");
  }

  @Test
  void chmodBehindAWrite_keepsItsCtime_whenTheWriteIsCommitted() {
    shell.check(
        "exec 3> f; echo x >&3; chmod 600 f; a=$(stat -c %.Z f);"
            + " exec 3>&-; test $a = $(stat -c %.Z f)");
  }

  @Test
  void birth_isWhenTheFileWasMade_andStays() {
    if (!kind.equals("cluster") || !kernelTellsBirth()) {
      return;
    }
    assertEquals(
        "same",
        shell.check(
            "touch f; a=$(stat -c %.W f); test ${a%.*} -ge $(($(date +%s) - 60)); echo x > f;"
                + " touch -d @1 f; mv f g; test $a = $(stat -c %.W g) && echo same"));
  }

  /** FUSE_STATX is of Linux 6.6. */
  private static boolean kernelTellsBirth() {
    String[] version = System.getProperty("os.version").split("[.-]", 3);
    int major = Integer.parseInt(version[0]);
    return major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 6);
  }

  @Test
  void reading_movesAtimeOn_onceForEachChange() {
    if (!kind.equals("cluster")) {
      return;
    }
    String early = "a=$(stat -c %.X f); cat f > /dev/null; ";
    // The kernel trusts attributes for a second where it answers the read itself.
    String until = "until [ \"$(stat -c %.X f)\" != \"$a\" ]; do sleep .1; done; ";
    shell.check("echo x > f; touch -m -d '+1 hour' f; " + early + until);
    shell.check(
        "touch -d '-1 hour' f; touch -m -d '-2 hours' f; chmod 644 f; "
            + early
            + until
            + "b=$(stat -c %.X f); cat f > /dev/null; test $b = $(stat -c %.X f)");
  }

  @Test
  void listing_movesTheAtimeOfADirectoryOn() {
    if (!kind.equals("cluster")) {
      return;
    }
    shell.check("mkdir d; touch -d @5 d; ls d; until [ $(stat -c %X d) -gt 5 ]; do sleep .1; done");
  }

  @Test
  void atimeThatIsSet_isNotMovedByAnEarlierRead() {
    if (!kind.equals("cluster")) {
      return;
    }
    assertEquals("5", shell.check("echo x > f; cat f > /dev/null; touch -a -d @5 f; stat -c %X f"));
  }

  @Test
  void writing_movesMtimeAndCtimeOn() {
    String before = shell.check("echo a > f; touch -d @1 f; stat -c '%.Z' f");
    assertNotEquals("1", shell.check("echo b >> f; stat -c %Y f"));
    assertNotEquals(before, shell.check("chmod 600 f; stat -c '%.Z' f"));
  }

  @Test
  void changingADirectory_movesItsMtimeOn() {
    assertNotEquals("1", shell.check("mkdir d; touch -d @1 d; touch d/f; stat -c %Y d"));
  }

  @Test
  void blocks_countWhatIsStored() {
    assertEquals("0", shell.check("truncate -s 1G f; stat -c %b f"));
  }

  @Test
  void df_showsTheFilesystem() {
    if (!kind.equals("cluster")) {
      assertEquals("cairn:memory", shell.check("df --output=source . | tail -1"));
      assertEquals("1073741824", shell.check("df -k --output=size . | tail -1").strip());
    }
    assertEquals("255", shell.check("stat -f -c %l ."));
    assertEquals("fuse.cairn", shell.check("findmnt -n -o FSTYPE -T ."));
  }

  @Test
  void extendedAttributes_areKept() {
    assertEquals(
        "two words",
        shell.check(
            "touch f; setfattr -n user.a -v 'two words' f; getfattr --only-values -n user.a f"));
    assertEquals(
        "user.a\nuser.b", shell.check("setfattr -n user.b -v 1 f; getfattr f | grep user | sort"));
    assertEquals("user.b", shell.check("setfattr -x user.a f; getfattr f | grep user"));
    shell.refuses("getfattr -n user.a f", "No such attribute");
    shell.refuses("setfattr -x user.a f", "No such attribute");
  }

  @Test
  void anExtendedAttribute_hasANameBehindItsNamespace() {
    if (!kind.equals("cluster")) {
      return;
    }
    shell.check("touch f");
    shell.refuses("setfattr -n user. -v 1 f", "Invalid argument");
    shell.refuses("getfattr -n user. f", "Invalid argument");
    shell.refuses("setfattr -x trusted. f", "Invalid argument");
  }

  @Test
  void anExtendedAttribute_mayBeLongAndHoldAnyBytes() {
    assertEquals(
        "30000",
        shell.check(
            "touch f; setfattr -n user.a -v 0x$(printf '00ff%.0s' $(seq 15000)) f;"
                + " getfattr --only-values -n user.a f | wc -c"));
  }

  private static final String COPY_RANGE =
      "perl -e '$n = `uname -m` =~ /x86_64/ ? 326 : 285; open I, \"<\", \"in\"; open O, \"+<\", \"f\";"
          + " exit(syscall($n, fileno I, 0, fileno O, 0, 100, 0) != 100)'";

  /** read(2) of a file into a mapping of the other. */
  private static final String MAPPED_WRITE =
      "perl -e '($m, $r) = `uname -m` =~ /x86_64/ ? (9, 0) : (222, 63); open I, \"<\", \"in\";"
          + " open O, \"+<\", \"f\"; $at = syscall($m, 0, 4096, 3, 1, fileno O, 0);"
          + " exit(syscall($r, fileno I, $at, 100) != 100)'";

  private static final List<String> CHANGES_OF_CONTENT =
      List.of(
          "printf x >> f",
          "printf x | dd of=f conv=notrunc",
          "dd if=in of=f bs=4096 count=1 conv=notrunc oflag=direct",
          "truncate -s 5 f",
          "truncate -s 500000 f",
          "truncate -s 100000 f",
          ": > f",
          "fallocate -l 200000 f",
          "fallocate -n -o 300000 -l 4096 f",
          "fallocate -p -o 4096 -l 4096 f",
          COPY_RANGE,
          MAPPED_WRITE,
          "chmod 6777 f",
          "rm f; umask 0; perl -e \"use Fcntl; sysopen F, q(f), O_CREAT | O_TRUNC | O_WRONLY, 04755\"",
          "touch -d @7 f",
          "cat f");

  /** The modes that a file has after each change of its content by such a user. */
  private static String modesAfterChanges(Shell shell, String as, String mode) {
    StringBuilder modes = new StringBuilder();
    shell.check("head -c 100000 /dev/urandom > in; chmod 644 in; chmod 777 .");
    for (String change : CHANGES_OF_CONTENT) {
      shell.check("rm -f f; cp in f; chown 65534:65534 f; chmod " + mode + " f; stat f");
      String now =
          shell.check(
              as + " sh -c '" + change.replace("'", "'\\''") + "' > /dev/null 2>&1; stat -c %a f");
      modes.append(change).append(": ").append(now).append('\n');
    }
    return modes.toString();
  }

  @Test
  void setIdBits_goWithEachChangeOfContent_asOnALocalDisk(@TempDir Path local) {
    Shell there = new Shell(local, () -> "");
    String withoutFsetid = "setpriv --bounding-set=-fsetid --inh-caps=-fsetid ";
    for (String as : List.of(AS_NOBODY, "", withoutFsetid)) {
      assertEquals(modesAfterChanges(there, as, "6777"), modesAfterChanges(shell, as, "6777"), as);
    }
    // Without group-execute: asked as a member of the group, which alone the kernel's flag tells.
    assertEquals(
        modesAfterChanges(there, AS_NOBODY, "6767"), modesAfterChanges(shell, AS_NOBODY, "6767"));
  }
}
