package dev.cairn.master.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.CreateDecider;
import dev.cairn.master.decide.DecisionCore;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.NamePlace;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.DirectoryEntry;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pages of a directory. */
final class ListingTest {

  private static final int NAMES = 1000;
  private static final int PAGE = 100;

  private final Defaults defaults = new Defaults(4096, 2);

  private static void make(DecisionCore core, Defaults defaults, String name)
      throws CairnException {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .setType(FileType.REGULAR)
            .build();
    core.run((view, now) -> new CreateDecider(defaults).create(view, request, now));
  }

  @Test
  void pages_goOnBehindThePlaceOfTheLastEntry() throws Exception {
    MemoryStore store = new MemoryStore();
    DecisionCore core = new DecisionCore(store);
    for (int i = 0; i < NAMES; i++) {
      make(core, defaults, "f" + i);
    }
    core.write();
    NamespaceQueries queries = new NamespaceQueries(store, defaults);
    Set<ByteString> names = new HashSet<>();
    long place = 0;
    for (int page = 0; page < NAMES / PAGE; page++) {
      ReadDirectoryReply reply =
          queries.list(
              ReadDirectoryRequest.newBuilder()
                  .setInode(MetadataView.ROOT)
                  .setAfterPlace(place)
                  .setLimit(PAGE)
                  .build());
      assertEquals(PAGE, reply.getEntriesCount());
      for (DirectoryEntry entry : reply.getEntriesList()) {
        assertEquals(NamePlace.of(entry.getName()), entry.getPlace());
        names.add(entry.getName());
      }
      place = reply.getEntries(PAGE - 1).getPlace();
      assertEquals(page == NAMES / PAGE - 1, reply.getEnd());
    }
    assertEquals(NAMES, names.size());
    assertFalse(
        new MetadataView(store).dentry(MetadataView.ROOT, ByteString.copyFromUtf8("f1")) == null);
  }
}
