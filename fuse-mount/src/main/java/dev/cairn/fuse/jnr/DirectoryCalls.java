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

  private static final Listing NOTHING = new Listing(List.of(), false);

  /** The entries behind a cookie that the kernel had no room for. */
  private record Rest(long cookie, Listing listing) {}

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;
  private final Map<Long, Rest> rests = new ConcurrentHashMap<>();

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
    Rest rest = rests.remove(handle);
    // What is left over from before rewinddir(3) or seekdir(3) is not to be seen again.
    Listing listing = rest != null && rest.cookie() == cookie ? rest.listing() : NOTHING;
    long at = cookie;
    try (FillDirectory filler = new FillDirectory(fill, buffer)) {
      while (true) {
        List<DirectoryEntry> entries = listing.entries();
        for (int i = 0; i < entries.size(); i++) {
          if (filler.isFullFor(entries.get(i))) {
            rests.put(handle, new Rest(at, listing.from(i)));
            return 0;
          }
          at = entries.get(i).cookie();
        }
        if (listing.end()) {
          return 0;
        }
        listing = fetch(handle, at);
      }
    }
  }

  private Listing fetch(long handle, long cookie) throws CairnException {
    Listing listing = answers.await(vfs.readDirectory(handle, cookie, ENTRIES_AT_A_TIME, false));
    if (listing.entries().isEmpty() && !listing.end()) {
      throw ErrorCode.IO.because("a listing of handle " + handle + " broke off at " + cookie);
    }
    return listing;
  }

  int fsync(long fileInfo) throws CairnException {
    answers.await(vfs.fsyncDirectory(FileInfo.handle(fileInfo)));
    return 0;
  }

  /** Nobody waits for a release, and its result is lost: it is not waited for here, either. */
  int release(long fileInfo) {
    long handle = FileInfo.handle(fileInfo);
    rests.remove(handle);
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
