package dev.cairn.chunkserver.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Files of a local filesystem: the seam where tests break disks. */
interface Storage {

  /** How a file is opened. */
  enum Mode {
    READ,
    WRITE,
    /** Empty, made if it is not there. */
    CREATE,
    /** As it is, made if it is not there. */
    OPEN_OR_CREATE
  }

  OpenFile open(Path file, Mode mode) throws IOException;

  /** The names in a directory, in no order. */
  List<String> list(Path directory) throws IOException;

  void createDirectories(Path directory) throws IOException;

  long size(Path file) throws IOException;

  boolean exists(Path file);

  /** Removes a file, if it is there. */
  void delete(Path file) throws IOException;

  void replace(Path file, Path by) throws IOException;

  /** Makes the names in a directory durable. */
  void forceDirectory(Path directory) throws IOException;

  /** Names the filesystem the directory lies on; empty when it has no name. */
  String filesystem(Path directory) throws IOException;

  /** Whether this process can open no more files at the moment. */
  boolean lacksDescriptors();

  long totalBytes(Path directory) throws IOException;

  long usableBytes(Path directory) throws IOException;

  /** An open file. Any thread may use it. */
  interface OpenFile extends Closeable {

    /** Fills the buffer from the position on, as far as the file goes. */
    void read(ByteBuffer into, long position) throws IOException;

    /** Writes all remaining bytes. */
    void write(ByteBuffer from, long position) throws IOException;

    void truncate(long size) throws IOException;

    long size() throws IOException;

    /** Makes the content durable. */
    void force() throws IOException;

    @Override
    void close();
  }
}
