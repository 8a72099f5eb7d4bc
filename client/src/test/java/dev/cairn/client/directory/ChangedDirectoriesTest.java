package dev.cairn.client.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.cairn.rpc.proto.Attributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ChangedDirectoriesTest {

  private long nanos = 1_000_000_000L;
  private final ChangedDirectories directories = new ChangedDirectories(() -> nanos);

  private static Attributes directory(long inode, long ctime) {
    return Attributes.newBuilder().setInode(inode).setCtime(ctime).build();
  }

  @Test
  void answersTheFirstQuestionAndNoSecond() {
    directories.changed(List.of(directory(7, 1), directory(8, 1)));
    assertEquals(directory(7, 1), directories.take(7));
    assertNull(directories.take(7));
    assertEquals(directory(8, 1), directories.take(8));
  }

  @Test
  void isNotBelievedAfterAFifthOfASecond() {
    directories.changed(List.of(directory(7, 1)));
    nanos += TimeUnit.MILLISECONDS.toNanos(200);
    assertNull(directories.take(7));
  }

  @Test
  void keepsTheLaterChangeWhenRepliesOvertakeEachOther() {
    directories.changed(List.of(directory(7, 5)));
    directories.changed(List.of(directory(7, 4)));
    assertEquals(directory(7, 5), directories.take(7));
  }

  @Test
  void forgetsADirectoryThatChangesOtherwise() {
    directories.changed(List.of(directory(7, 1)));
    directories.forget(7);
    assertNull(directories.take(7));
  }

  @Test
  void keepsNoMoreThanTheLastSome() {
    for (int inode = 1; inode <= 1000; inode++) {
      directories.changed(List.of(directory(inode, 1)));
    }
    assertNull(directories.take(1));
    assertEquals(directory(1000, 1), directories.take(1000));
  }
}
