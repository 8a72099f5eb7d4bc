package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, directories and links. */
@ParameterizedClass
@ValueSource(strings = {"kernel", "jnr", "cluster"})
@Timeout(120)
class PosixNamesTest extends PosixCases {

  @Test
  void mkdir_makesADirectoryThatRmdirRemoves() {
    shell.check("mkdir -p a/b/c; test -d a/b/c; rmdir a/b/c; test ! -e a/b/c");
  }

  @Test
  void mkdir_ofAnExistingName_fails() {
    shell.check("mkdir a; touch f");
    shell.refuses("mkdir a", "File exists");
    shell.refuses("mkdir f", "File exists");
  }

  @Test
  void rmdir_ofADirectoryThatIsNotEmpty_fails() {
    shell.check("mkdir a; touch a/f");
    shell.refuses("rmdir a", "Directory not empty");
  }

  @Test
  void linksOfADirectory_countItsSubdirectories() {
    assertEquals("4", shell.check("mkdir d d/a d/b; touch d/f; stat -c %h d"));
  }

  @Test
  void rm_ofATree_leavesNothing() {
    shell.check(
        "for i in 1 2 3; do mkdir -p t/$i/x; touch t/$i/f t/$i/x/g; done; rm -r t; test ! -e t");
  }

  @Test
  void mv_betweenDirectories_movesFilesAndTrees() {
    shell.check("mkdir -p a/t/u b; echo x > a/t/u/f; mv a/t b/s; test ! -e a/t");
    assertEquals("x", shell.check("cat b/s/u/f"));
    assertEquals("b", shell.check("cd b/s/.. && basename $(pwd -P)"));
  }

  @Test
  void rename_ontoAnExistingFile_replacesIt() {
    assertEquals("new", shell.check("echo old > f; echo new > g; mv g f; test ! -e g; cat f"));
  }

  @Test
  void rename_ontoAnOpenFile_keepsTheOldContentReadable() {
    assertEquals("old", shell.check("echo old > f; echo new > g; exec 3< f; mv g f; cat <&3"));
  }

  @Test
  void rename_ofAnOpenFile_keepsItUsable() {
    assertEquals("one\ntwo", shell.check("exec 3> f; echo one >&3; mv f g; echo two >&3; cat g"));
  }

  @Test
  void rename_ofADirectoryOntoOneThatIsNotEmpty_fails() {
    shell.check("mkdir a b; touch b/f");
    shell.refuses("mv -T a b", "Directory not empty");
  }

  @Test
  void rename_thatMustNotReplace_leavesTheTarget() {
    assertEquals("b", shell.check("echo a > a; echo b > b; mv -n a b; cat b"));
  }

  @Test
  void unlink_ofAnOpenFile_keepsItsContentUsable() {
    assertEquals(
        "before\nafter",
        shell.check(
            "echo before > f; exec 3< f 4>> f; rm f; echo after >&4; exec 4>&-; cat <&3; test ! -e f"));
  }

  @Test
  void hardLinks_shareOneInode() {
    shell.check(
        "echo x > f; ln f g; test f -ef g; test $(cat g) = x; echo y > g; test $(cat f) = y");
    // libfuse 2 has an inode of its own for every name, so one name's count may lag behind.
    Mounted.await("both count two", () -> shell.check("echo $(stat -c %h f g)").equals("2 2"));
    Mounted.await("it counts one", () -> shell.check("rm -f f; stat -c %h g").equals("1"));
  }

  @Test
  void aFileWithoutAName_mayBeWrittenAndGetOne() {
    if (!kind.equals("cluster")) {
      return;
    }
    assertEquals(
        "0 1 5000 600",
        shell.check(
            "python3 -c 'import os; d = os.open(\".\", os.O_RDONLY);"
                + " f = os.open(\".\", os.O_TMPFILE | os.O_RDWR, 0o600); os.write(f, b\"x\" * 5000);"
                + " print(os.fstat(f).st_nlink, end=\" \");"
                + " os.link(\"/proc/self/fd/%d\" % f, \"named\", src_dir_fd=d); os.close(f)';"
                + " stat -c '%h %s %a' named"));
    assertEquals("5000", shell.check("tr -dc x < named | wc -c"));
    assertEquals("named", shell.check("ls"));
  }

  @Test
  void aFileWithoutAName_isReadBack_andNeverListed() {
    if (!kind.equals("cluster")) {
      return;
    }
    assertEquals(
        "b'xyz' []",
        shell.check(
            "python3 -c 'import os; f = os.open(\".\", os.O_TMPFILE | os.O_RDWR | os.O_EXCL);"
                + " os.write(f, b\"xyz\"); os.fsync(f); print(os.pread(f, 9, 0), os.listdir(\".\"))'"));
  }

  @Test
  void aRemovedFile_getsNoNameAgain() {
    if (!kind.equals("cluster")) {
      return;
    }
    shell.refuses(
        "exec 3> f; rm f; python3 -c 'import os; d = os.open(\".\", os.O_RDONLY);"
            + " os.link(\"/proc/self/fd/3\", \"g\", src_dir_fd=d)'",
        "No such file or directory");
  }

  @Test
  void symlinks_sayWhereTheyLead() {
    assertEquals(
        "../some where 13 x",
        shell.check(
            "ln -s '../some where' l; echo x > f; ln -s f m;"
                + " echo \"$(readlink l) $(stat -c %s l) $(cat m)\""));
  }

  @Test
  void aSymlink_mayHoldAVeryLongTarget() {
    String target = "x/".repeat(2000);
    assertEquals(target, shell.check("ln -s " + target + " l; readlink l"));
  }

  @Test
  void names_mayHoldAnyBytes() {
    shell.check(
        "n=\"$(printf '\\377\\376 \\001\\n\\\\x')\"; echo in > \"$n\"; test \"$(cat \"$n\")\" = in;"
            + " mv \"$n\" \"$n$n\"; test \"$(ls -N)\" = \"$n$n\"; rm \"$n$n\"; test -z \"$(ls)\"");
  }

  @Test
  void names_have255BytesAtMost() {
    String longest = "n".repeat(255);
    shell.check("touch " + longest + "; test -e " + longest + "; rm " + longest);
    shell.refuses("touch n" + longest, "File name too long");
  }

  @Test
  void exclusiveCreation_letsOneOfManyWin() {
    String wins =
        shell.check(
            "for i in 1 2 3 4 5 6 7 8; do"
                + " (for n in $(seq 20); do (set -C; > lock$n) 2> /dev/null && echo won $n; done) &"
                + " done; wait");
    assertEquals(20, wins.lines().distinct().count());
    assertEquals(20, wins.lines().count());
  }

  @Test
  void aLongListing_namesEverythingOnce() {
    assertEquals("3002", shell.check("seq 3000 | xargs touch; ls -fa | sort | uniq | wc -l"));
    assertEquals("3002", shell.check("ls -fa | wc -l"));
    assertEquals("3000", shell.check("ls -l | grep -c '^-'"));
  }

  @Test
  void aListing_whileNamesComeAndGo_namesWhatStaysOnce() {
    String listed =
        shell.check(
            "seq -f stay%g 500 | xargs touch; seq -f go%g 500 | xargs touch;"
                + " perl -e 'opendir D, \".\"; my @n; while (my $n = readdir D) { push @n, $n;"
                + " unlink \"go$#n\"; open F, \">\", \"come$#n\"; close F; } print \"$_\\n\" for @n'"
                + " | grep stay");
    assertEquals(500, listed.lines().count());
    assertEquals(500, listed.lines().distinct().count());
  }

  @Test
  void aPlaceInADirectory_staysWhenNamesBeforeItGo() {
    assertEquals(
        "2500 0",
        shell.check(
            "seq -f f%g 3000 | xargs touch; perl -e 'opendir D, \".\"; my %n; my $at;"
                + " while (%n < 500) { my $n = readdir D; $n =~ /^f/ and $n{$n} = 1 }"
                + " $at = telldir D; unlink((keys %n)[0 .. 399]); seekdir D, $at;"
                + " my @r = readdir D; print @r . q( ) . grep { $n{$_} } @r'"));
  }

  @Test
  void aPlaceInADirectory_isGoodInAnotherOpen() {
    assertEquals(
        "same",
        shell.check(
            "seq -f f%g 3000 | xargs touch; perl -e 'opendir D, \".\"; readdir D for 1 .. 1700;"
                + " my $at = telldir D; my @r = readdir D; closedir D; opendir D, \".\";"
                + " seekdir D, $at; my @s = readdir D;"
                + " print @r == 1302 && \"@r\" eq \"@s\" ? q(same) : @r . q( ) . @s'"));
  }

  @Test
  void placesInADirectory_ascend() {
    shell.check(
        "seq -f f%g 100 | xargs touch; perl -e 'opendir D, \".\"; my $last = 0;"
            + " while (readdir D) { my $at = telldir D; $at > $last or die $at; $last = $at }'");
  }

  @Test
  void rewinddir_showsWhatWasMadeSince() {
    assertEquals(
        "2 4",
        shell.check(
            "perl -e 'opendir D, \".\"; my @a = readdir D; open F, \">\", $_ for 1, 2;"
                + " rewinddir D; my @b = readdir D; print @a . q( ) . @b'"));
  }

  @Test
  void names_thatAreRemovedAsTheyAreListed_areAllRemoved() {
    assertEquals(
        "0",
        shell.check(
            "seq -f f%g 3000 | xargs touch; perl -e 'opendir D, \".\";"
                + " while (my $n = readdir D) { $n =~ /^f/ and unlink $n }'; ls | wc -l"));
  }

  @Test
  void find_seesEveryKindOfFile() {
    List<String> kinds =
        shell
            .check(
                "mkdir d; touch f; ln -s f l; mkfifo p; mknod c c 1 3; mknod b b 7 0;"
                    + " find . -mindepth 1 -printf '%f%y\\n' | sort")
            .lines()
            .toList();
    assertEquals(List.of("bb", "cc", "dd", "ff", "ll", "pp"), kinds);
    assertEquals("1 3", shell.check("stat -c '%t %T' c"));
  }

  @Test
  void aFifo_passesBytesOn() {
    assertEquals("through", shell.check("mkfifo p; echo through > p & cat p; wait"));
  }

  @Test
  void aRemovedDirectory_takesNoNewNames() {
    shell.refuses("mkdir d; cd d; rmdir ../d; touch f", "No such file or directory");
  }

  @Test
  void aMissingName_appearsAsSoonAsItIsMade() {
    assertTrue(shell.run("cat f").output().contains("No such file"));
    assertEquals("here", shell.check("echo here > f; cat f"));
  }
}
