package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What people do with a filesystem all day. */
@ParameterizedClass
@ValueSource(strings = {"kernel", "jnr", "cluster"})
@Timeout(120)
class PosixToolsTest extends PosixCases {

  /** Files of many sizes, links, odd names and modes. */
  @BeforeEach
  void makeTree() {
    shell.check(
        "mkdir -p tree/a/b tree/c; for i in $(seq 40); do head -c $((i * i * 97)) /dev/urandom"
            + " > tree/a/f$i; done; ln tree/a/f1 tree/c/hard; ln -s ../a/f2 tree/c/soft;"
            + " echo odd > 'tree/c/odd name'; chmod 4711 tree/a/f3; chown 12:34 tree/a/f4;"
            + " touch -d @123456789.5 tree/a/f5; truncate -s 3M tree/c/sparse; mkfifo tree/c/fifo");
  }

  private static String listing(String tree) {
    return "(cd " + tree + "; find . -printf '%P %y %m %U %G %s %T@ %l\\n' | grep -v ' d ' | sort)";
  }

  @Test
  void cp_ofATree_keepsEverything() {
    shell.check("cp -a tree copy; diff -r --no-dereference tree/a copy/a");
    assertEquals(shell.check(listing("tree")), shell.check(listing("copy")));
  }

  @Test
  void tar_thereAndBack_keepsEverything() {
    shell.check(
        "tar --format=posix -cf t.tar tree; mkdir x; tar -xpf t.tar -C x; diff -r tree/a x/tree/a");
    assertEquals(shell.check(listing("tree")), shell.check(listing("x/tree")));
  }

  @Test
  void rsync_ofATree_keepsEverythingAndFindsNothingToDoAgain() {
    shell.check("command -v rsync > /dev/null || exit 0; rsync -aH tree/ copy");
    assertEquals("", shell.check("rsync -aHci tree/ copy"));
    String files = " | grep ' f '";
    assertEquals(shell.check(listing("tree") + files), shell.check(listing("copy") + files));
  }

  @Test
  void git_commitsChecksAndClones() {
    shell.check(
        "git init -q r; cp -r tree/a r; cd r; git add -A;"
            + " git -c user.name=n -c user.email=e commit -qm first; git fsck --strict;"
            + " test -z \"$(git status --porcelain)\"; cd ..; git clone -q r s; rmdir r/a/b; diff -r r/a s/a");
    shell.check(
        "cd r; git mv a b; git rm -qf b/f1; git -c user.name=n -c user.email=e commit -qm s;"
            + " git gc -q; git checkout -q HEAD~1; test -f a/f1; git fsck");
  }

  @Test
  void sqlite_keepsItsTables() {
    shell.check(
        "command -v sqlite3 > /dev/null || exit 0;"
            + " sqlite3 d 'create table t(x); begin; insert into t"
            + " with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)"
            + " select i from n; commit;'");
    assertEquals(
        "2001000|ok",
        shell.check("sqlite3 d 'select sum(x), (select * from pragma_integrity_check) from t'"));
  }

  @Test
  void mv_ontoAnotherFilesystemAndBack_keepsTheBytes() {
    shell.check(
        "t=$(mktemp -d); cp -a tree/a keep; mv tree/a $t; mv $t/a tree/a; rmdir $t;"
            + " diff -r keep tree/a");
  }

  @Test
  void rm_andFind_agreeThatNothingIsLeft() {
    assertEquals("1", shell.check("rm -r tree; find . | wc -l"));
  }
}
