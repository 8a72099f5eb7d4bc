package dev.cairn.client.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import dev.cairn.rpc.NamePlace;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Listings over a directory that changes, by a kernel that takes few entries at a time. */
final class DirectoryStreamTest {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** The directory as the master has it: the names of each place. */
  private final TreeMap<Long, List<String>> directory = new TreeMap<>();

  private int questions;
  private long nanos;

  private DirectoryStream open() {
    return new DirectoryStream(this::page, 7, attributes -> attributes, () -> nanos);
  }

  private CompletableFuture<ReadDirectoryReply> page(ReadDirectoryRequest request) {
    questions++;
    ReadDirectoryReply.Builder reply = ReadDirectoryReply.newBuilder().setParent(1).setEnd(true);
    for (Map.Entry<Long, List<String>> place :
        directory.tailMap(request.getAfterPlace(), false).entrySet()) {
      if (reply.getEntriesCount() >= request.getLimit()) {
        reply.setEnd(false);
        break;
      }
      for (String name : place.getValue()) {
        reply.addEntries(
            dev.cairn.rpc.proto.DirectoryEntry.newBuilder()
                .setName(ByteString.copyFromUtf8(name))
                .setPlace(place.getKey())
                .setInode(9));
      }
    }
    return CompletableFuture.completedFuture(reply.build());
  }

  private void make(String name) {
    directory.put(NamePlace.of(ByteString.copyFromUtf8(name)), List.of(name));
  }

  private void remove(String name) {
    directory.remove(NamePlace.of(ByteString.copyFromUtf8(name)));
  }

  private static String name(DirectoryEntry entry) {
    return entry.name().toStringUtf8();
  }

  /** Lists from a cookie to the end, and takes a few entries of every reply. */
  private static List<DirectoryEntry> rest(DirectoryStream stream, long cookie, int few) {
    List<DirectoryEntry> all = new ArrayList<>();
    long at = cookie;
    while (true) {
      Listing listing = stream.list(at, false).join();
      List<DirectoryEntry> taken =
          listing.entries().subList(0, Math.min(few, listing.entries().size()));
      all.addAll(taken);
      if (taken.size() == listing.entries().size() && listing.end()) {
        return all;
      }
      at = taken.get(taken.size() - 1).cookie();
    }
  }

  @Test
  void listing_beginsWithTheDotsAndAscends() {
    for (int i = 0; i < 3000; i++) {
      make("f" + i);
    }
    List<DirectoryEntry> all = rest(open(), 0, 100);
    assertEquals(3002, all.size());
    assertEquals(List.of(".", ".."), all.stream().limit(2).map(e -> name(e)).toList());
    for (int i = 1; i < all.size(); i++) {
      assertTrue(all.get(i - 1).cookie() < all.get(i).cookie());
    }
    assertEquals(3, questions, "pages are asked for once");
  }

  @Test
  void cookie_isGoodInAnotherOpen_whateverWentMeanwhile() {
    for (int i = 0; i < 3000; i++) {
      make("f" + i);
    }
    List<DirectoryEntry> all = rest(open(), 0, 1000);
    all.subList(2, 1500).forEach(entry -> remove(name(entry)));
    assertEquals(all.subList(1500, 3002), rest(open(), all.get(1499).cookie(), 64));
  }

  @Test
  void beginning_showsTheDirectoryAsItIs_alsoRightAfterAListing() {
    DirectoryStream stream = open();
    assertEquals(2, rest(stream, 0, 10).size());
    make("f");
    assertEquals(3, rest(stream, 0, 10).size());
    assertEquals(2, rest(stream, 1, 10).size());
  }

  @Test
  void oldPage_isNotBelieved() {
    make("f");
    DirectoryStream stream = open();
    assertEquals(3, rest(stream, 0, 10).size());
    remove("f");
    nanos += 2 * NANOS_PER_SECOND;
    assertEquals(1, rest(stream, 1, 10).size());
  }

  @Test
  void namesWithOnePlace_areAllListed_howeverFewAreTaken() {
    make("before");
    directory.put(1L << 40, List.of("a", "b", "c"));
    make("behind");
    for (int few = 3; few < 8; few++) {
      Set<String> names = new HashSet<>();
      rest(open(), 0, few).forEach(entry -> names.add(name(entry)));
      assertEquals(Set.of(".", "..", "before", "a", "b", "c", "behind"), names);
    }
  }

  @Test
  void namesThatStay_areListedOnce_whileOthersComeAndGo() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2500; i++) {
      make("stay" + i);
      make("go" + i);
    }
    DirectoryStream stream = open();
    List<String> stayed = new ArrayList<>();
    long at = 0;
    boolean end = false;
    while (!end) {
      Listing listing = stream.list(at, false).join();
      int few = Math.min(1 + random.nextInt(200), listing.entries().size());
      for (DirectoryEntry entry : listing.entries().subList(0, few)) {
        at = entry.cookie();
        if (name(entry).startsWith("stay")) {
          stayed.add(name(entry));
        }
      }
      end = listing.end() && few == listing.entries().size();
      remove("go" + random.nextInt(2500));
      make("come" + random.nextInt(10_000));
      nanos += random.nextInt(10) == 0 ? 2 * NANOS_PER_SECOND : 0;
    }
    assertEquals(2500, stayed.size(), "seed " + seed);
    assertEquals(2500, new HashSet<>(stayed).size(), "seed " + seed);
  }
}
