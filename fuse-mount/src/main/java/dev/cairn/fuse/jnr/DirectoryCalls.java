package dev.cairn.fuse.jnr;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callbacks that list directories.
 *
 * <p>The kernel takes few names at a time; the filesystem is asked for more, and what was not taken
 * is kept for the next call. libfuse serialises the calls on one handle.
 */
final class DirectoryCalls {

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryCalls.class);
  private static final int ENTRIES_AT_A_TIME = 1024;

  private static final Listing NOTHING = new Listing(0, List.of(), false);

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;
  private final Map<Long, Listing> listings = new ConcurrentHashMap<>();

  DirectoryCalls(Vfs vfs, Answers answers, PathResolver paths) {
    this.vfs = vfs;
    this.answers = answers;
    this.paths = paths;
  }

  int open(long path, long fileInfo) throws CairnException {
    long inode = paths.inode(FusePath.at(path));
    FileInfo.setHandle(
        fileInfo, answers.awaitOpened(vfs.openDirectory(inode), unwanted -> close(unwanted)));
    return 0;
  }

  /** Lists behind the cookie until the kernel's buffer is full; every entry goes with its own. */
  int read(long buffer, long fill, long cookie, long fileInfo) throws CairnException {
    long handle = FileInfo.handle(fileInfo);
    // 0 is the beginning: what was listed before rewinddir(3) is not to be seen again.
    Listing listing = cookie == 0 ? NOTHING : listings.getOrDefault(handle, NOTHING);
    long at = cookie;
    try (FillDirectory filler = new FillDirectory(fill, buffer)) {
      while (true) {
        if (!goesOnAt(listing, at)) {
          listing = fetch(handle, at);
        }
        for (DirectoryEntry entry : behind(listing, at)) {
          if (filler.isFullFor(entry, at + 1)) {
            return 0;
          }
          at++;
        }
        if (listing.end()) {
          return 0;
        }
      }
    }
  }

  private Listing fetch(long handle, long cookie) throws CairnException {
    Listing listing = answers.await(vfs.readDirectory(handle, cookie, ENTRIES_AT_A_TIME, false));
    if (!goesOnAt(listing, cookie)) {
      throw ErrorCode.IO.because("a listing of handle " + handle + " broke off at " + cookie);
    }
    listings.put(handle, listing);
    return listing;
  }

  private static boolean goesOnAt(Listing listing, long cookie) {
    long end = listing.first() + listing.entries().size();
    return listing.first() <= cookie && (cookie < end || (cookie == end && listing.end()));
  }

  private static List<DirectoryEntry> behind(Listing listing, long cookie) {
    int taken = (int) (cookie - listing.first());
    return listing.entries().subList(taken, listing.entries().size());
  }

  int fsync(long fileInfo) throws CairnException {
    answers.await(vfs.fsyncDirectory(FileInfo.handle(fileInfo)));
    return 0;
  }

  /** Nobody waits for a release, and its result is lost: it is not waited for here, either. */
  int release(long fileInfo) {
    long handle = FileInfo.handle(fileInfo);
    listings.remove(handle);
    close(handle);
    return 0;
  }

  private void close(long handle) {
    vfs.releaseDirectory(handle)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                LOG.warn("a directory was not closed properly: {}", failure.getMessage());
              }
            });
  }
}
