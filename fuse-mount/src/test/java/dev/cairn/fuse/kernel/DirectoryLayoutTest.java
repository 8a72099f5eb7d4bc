package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.Dirent;
import dev.cairn.fuse.kernel.KernelLayout.Direntplus;
import dev.cairn.fuse.kernel.KernelLayout.EntryOut;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DirectoryLayoutTest {

  private final ByteBuffer body = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());

  private static Vfs.DirectoryEntry entry(String name, long inode) {
    Attributes attributes =
        Attributes.newBuilder().setInode(inode).setType(FileType.DIRECTORY).build();
    return new Vfs.DirectoryEntry(
        ByteString.copyFromUtf8(name), inode, FileType.DIRECTORY, inode + 1000, attributes);
  }

  private int put(boolean plus, int room, Vfs.DirectoryEntry... entries) {
    AttributeLayout attributes = new AttributeLayout(1000, new SetIdFiles(null));
    return new DirectoryLayout(attributes)
        .put(new Vfs.Listing(List.of(entries), true), plus, body, room);
  }

  @Test
  void anEntry_hasInodeCookieTypeAndName() {
    assertEquals(32, put(false, 4096, entry("name", 9)));
    assertEquals(9, body.getLong(Dirent.INO));
    assertEquals(1009, body.getLong(Dirent.OFF));
    assertEquals(4, body.getInt(Dirent.NAMELEN));
    assertEquals(4, body.getInt(Dirent.TYPE));
    assertEquals('n', body.get(Dirent.NAME));
    assertEquals(0, body.get(Dirent.NAME + 4));
  }

  @Test
  void entries_fillTheRoomAndNoMore() {
    Vfs.DirectoryEntry[] entries =
        IntStream.range(0, 50)
            .mapToObj(i -> entry("entry" + i, i))
            .toArray(Vfs.DirectoryEntry[]::new);
    assertEquals(10 * 32, put(false, 10 * 32, entries));
    assertEquals(10 * 32, put(false, 11 * 32 - 1, entries));
    assertEquals(2 * 160, put(true, 3 * 160 - 1, entries));
    assertEquals(0, put(false, 31, entries));
  }

  @Test
  void entriesWithAttributes_areLookedUp() {
    put(true, 4096, entry("name", 9));
    assertEquals(9, body.getLong(EntryOut.NODEID));
    assertEquals(9, body.getLong(Direntplus.DIRENT + Dirent.INO));
  }

  @Test
  void theDirectoryItselfAndItsParent_areNamesOnly() {
    put(true, 4096, entry(".", 9), entry("..", 8));
    assertEquals(0, body.getLong(EntryOut.NODEID));
    assertEquals(0, body.getLong(160 + EntryOut.NODEID));
    assertEquals(8, body.getLong(160 + Direntplus.DIRENT + Dirent.INO));
  }
}
