package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import java.time.Duration;

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
  },
  TRASH("trash") {
    @Override
    int parse(String text) {
      return (int) TrashTime.parse(text).toSeconds();
    }

    @Override
    int get(Attributes attributes) {
      return attributes.hasTrashSeconds() ? attributes.getTrashSeconds() : NOT_SET;
    }

    @Override
    void set(Attributes.Builder attributes, int value) {
      if (value == NOT_SET) {
        attributes.clearTrashSeconds();
      } else {
        attributes.setTrashSeconds(value);
      }
    }

    @Override
    int ofNothingSet(Attributes clusterDefaults, boolean directory) {
      return NOT_SET;
    }

    @Override
    public ByteString show(Inode inode, Defaults defaults) {
      Duration kept = Duration.ofSeconds(defaults.trashSeconds(inode.getAttributes()));
      return ByteString.copyFromUtf8(TimeText.show(kept));
    }
  };

  /** Of the trash: 0 is a setting. */
  private static final int NOT_SET = -1;

  /** What the names of all that is the filesystem's own begin with. */
  public static final ByteString PREFIX = ByteString.copyFromUtf8("user.cairn.");

  /** Readable only: where the file's chunks are. */
  public static final ByteString CHUNKS = PREFIX.concat(ByteString.copyFromUtf8("chunks"));

  /** Who has a lease of the file; taken and given back by requests of their own. */
  public static final ByteString LEASE = PREFIX.concat(ByteString.copyFromUtf8("lease"));

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

  /** As getxattr shows what is in force: a decimal number, or a duration. */
  public ByteString show(Inode inode, Defaults defaults) {
    return ByteString.copyFromUtf8(Integer.toString(get(defaults.inForce(inode))));
  }

  /** What an inode is given when its setting is taken away; a directory follows the cluster. */
  int ofNothingSet(Attributes clusterDefaults, boolean directory) {
    return directory ? 0 : get(clusterDefaults);
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
