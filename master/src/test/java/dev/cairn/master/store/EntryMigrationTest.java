package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names that an earlier version kept by name. */
final class EntryMigrationTest {

  private static final int NAMES = 25_000;

  @Test
  void namesOfAnEarlierVersion_areFoundAndListed_andMovedOnce() throws IOException {
    Store store = new MemoryStore();
    Overlay old = new Overlay(store);
    for (int i = 0; i < NAMES; i++) {
      old.put(
          Table.DENTRIES,
          Layout.named(1 + i % 3, ByteString.copyFromUtf8("f" + i)),
          Layout.dentryValue(100 + i, FileType.REGULAR_VALUE));
    }
    store.write(old);
    assertEquals(NAMES, EntryMigration.run(store));
    assertEquals(0, EntryMigration.run(store));
    MetadataView view = new MetadataView(store);
    List<Long> listed = new ArrayList<>();
    for (long parent = 1; parent <= 3; parent++) {
      view.dentries(parent, dentry -> listed.add(dentry.getInode()));
    }
    assertEquals(NAMES, listed.size());
    for (int i = 0; i < NAMES; i++) {
      assertEquals(100 + i, view.dentry(1 + i % 3, ByteString.copyFromUtf8("f" + i)).getInode());
    }
    try (Cursor left = store.cursor(Table.DENTRIES, Layout.ALL)) {
      assertFalse(left.seek(Layout.ALL));
    }
  }
}
