package dev.cairn.fuse.kernel;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.Dirent;
import dev.cairn.fuse.kernel.KernelLayout.Direntplus;
import java.nio.ByteBuffer;

/** A listing as the kernel wants it: as many entries as fit, each padded to 8 bytes. */
final class DirectoryLayout {

  private static final ByteString ITSELF = ByteString.copyFromUtf8(".");
  private static final ByteString PARENT = ByteString.copyFromUtf8("..");

  private final AttributeLayout attributes;

  DirectoryLayout(AttributeLayout attributes) {
    this.attributes = attributes;
  }

  /**
   * Writes {@code fuse_dirent}s or {@code fuse_direntplus}es; answers the bytes they take. What
   * does not fit is asked for again with the cookie of the last that did.
   */
  int put(Vfs.Listing listing, boolean plus, ByteBuffer body, int room) {
    int prefix = plus ? Direntplus.DIRENT : 0;
    int at = 0;
    for (Vfs.DirectoryEntry entry : listing.entries()) {
      int nameEnd = prefix + Dirent.NAME + entry.name().size();
      int length = (nameEnd + 7) & ~7;
      if (at + length > room) {
        break;
      }
      if (plus) {
        putAttributes(entry, body, at + Direntplus.ENTRY_OUT);
      }
      putName(entry, body, at + prefix);
      at += length;
    }
    return at;
  }

  /**
   * The kernel keeps what it has of the directory itself and its parent (fuse_direntplus_link in
   * fs/fuse/readdir.c), so those are names only.
   */
  private void putAttributes(Vfs.DirectoryEntry entry, ByteBuffer body, int at) {
    if (entry.attributes() == null || entry.name().equals(ITSELF) || entry.name().equals(PARENT)) {
      AttributeLayout.putNoEntry(body, at);
    } else {
      attributes.putEntry(entry.attributes(), body, at);
    }
  }

  private static void putName(Vfs.DirectoryEntry entry, ByteBuffer body, int at) {
    int length = entry.name().size();
    body.putLong(at + Dirent.INO, entry.inode());
    body.putLong(at + Dirent.OFF, entry.cookie());
    body.putInt(at + Dirent.NAMELEN, length);
    body.putInt(at + Dirent.TYPE, FileMode.directoryType(entry.type()));
    for (int i = 0; i < length; i++) {
      body.put(at + Dirent.NAME + i, entry.name().byteAt(i));
    }
    for (int i = length; (Dirent.NAME + i) % Long.BYTES != 0; i++) {
      body.put(at + Dirent.NAME + i, (byte) 0);
    }
  }
}
