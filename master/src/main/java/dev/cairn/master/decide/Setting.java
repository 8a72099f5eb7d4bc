package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;

/** The filesystem's own settings of an inode, as extended attributes show them. */
public enum Setting {
  CHUNK_SIZE("chunk_size") {
    @Override
    int parse(String text) {
      return ChunkSize.checked(SizeInBytes.parse(text));
    }

    @Override
    int get(Attributes inForce) {
      return inForce.getChunkSize();
    }

    @Override
    void set(Attributes.Builder attributes, int value) {
      attributes.setChunkSize(value);
    }
  },
  REPLICAS("replicas") {
    @Override
    int parse(String text) {
      return ChunkSize.checkedReplicas(SizeInBytes.parse(text));
    }

    @Override
    int get(Attributes inForce) {
      return inForce.getReplicas();
    }

    @Override
    void set(Attributes.Builder attributes, int value) {
      attributes.setReplicas(value);
    }
  };

  /** What the names of all that is the filesystem's own begin with. */
  public static final ByteString PREFIX = ByteString.copyFromUtf8("user.cairn.");

  /** Readable only: where the file's chunks are. */
  public static final ByteString CHUNKS = PREFIX.concat(ByteString.copyFromUtf8("chunks"));

  private final ByteString xattr;

  Setting(String word) {
    this.xattr = ByteString.copyFromUtf8("user.cairn." + word);
  }

  /** The setting of that name, or null. */
  public static Setting named(ByteString xattr) {
    for (Setting setting : values()) {
      if (setting.xattr.equals(xattr)) {
        return setting;
      }
    }
    return null;
  }

  /** As getxattr shows it: a decimal number. */
  public ByteString show(Attributes inForce) {
    return ByteString.copyFromUtf8(Integer.toString(get(inForce)));
  }

  int read(ByteString value) throws CairnException {
    try {
      return parse(value.toStringUtf8());
    } catch (IllegalArgumentException e) {
      throw ErrorCode.INVALID.because(e.getMessage(), e);
    }
  }

  /** Reads the value, or throws {@link IllegalArgumentException} with a sentence for the user. */
  abstract int parse(String text);

  abstract int get(Attributes inForce);

  abstract void set(Attributes.Builder attributes, int value);
}
