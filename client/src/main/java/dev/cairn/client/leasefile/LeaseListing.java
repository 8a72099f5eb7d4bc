package dev.cairn.client.leasefile;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import dev.cairn.rpc.NamePlace;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LeaseStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What a directory of leases had in it when it was opened. */
final class LeaseListing {

  private static final byte SLASH = '/';

  private static final Comparator<DirectoryEntry> BY_PLACE =
      Comparator.comparingLong(DirectoryEntry::cookie);

  private final List<DirectoryEntry> entries;

  private LeaseListing(List<DirectoryEntry> entries) {
    this.entries = entries;
  }

  static CompletableFuture<LeaseListing> of(long own, Vfs vfs) {
    if (own == Numbers.CAIRN) {
      return CompletableFuture.completedFuture(
          of(own, Map.of(LeaseNodes.LEASE, directory(LeaseNodes.LEASE))));
    }
    return vfs.leasesBelow(Numbers.below(own)).thenApply(leases -> of(own, entries(leases)));
  }

  private static LeaseListing of(long own, Map<ByteString, DirectoryEntry> below) {
    List<DirectoryEntry> all = new ArrayList<>();
    all.add(new DirectoryEntry(LeaseNodes.SELF, own, FileType.DIRECTORY, 1, null));
    all.add(new DirectoryEntry(LeaseNodes.PARENT, Numbers.CAIRN, FileType.DIRECTORY, 2, null));
    below.values().stream().sorted(BY_PLACE).forEach(all::add);
    return new LeaseListing(all);
  }

  private static Map<ByteString, DirectoryEntry> entries(List<LeaseStatus> leases) {
    Map<ByteString, DirectoryEntry> entries = new HashMap<>();
    for (LeaseStatus lease : leases) {
      ByteString path = lease.getPath();
      int end = end(path);
      ByteString name = path.substring(0, end);
      if (end < path.size()) {
        entries.put(name, directory(name));
      } else if (end > 0) {
        long inode = Numbers.own(lease.getInode());
        entries.put(name, entry(name, inode, FileType.REGULAR));
      }
    }
    return entries;
  }

  private static int end(ByteString path) {
    int end = 0;
    while (end < path.size() && path.byteAt(end) != SLASH) {
      end++;
    }
    return end;
  }

  /** The number of a directory that only leads to leases is asked for when it is looked up. */
  private static DirectoryEntry directory(ByteString name) {
    return entry(name, Numbers.CAIRN, FileType.DIRECTORY);
  }

  private static DirectoryEntry entry(ByteString name, long inode, FileType type) {
    return new DirectoryEntry(name, inode, type, NamePlace.of(name), null);
  }

  Listing behind(long cookie) {
    return new Listing(entries.stream().filter(e -> e.cookie() > cookie).toList(), true);
  }
}
