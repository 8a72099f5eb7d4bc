package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Names;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Standard output: text in which names keep their bytes, and plain bytes. Flushed at the end. */
final class Output {

  // POSIX, sys/stat.h: what kind of file a mode says it is.
  private static final int FILE_KIND = 0170000;
  private static final int FIFO = 0010000;
  private static final int SOCKET = 0140000;

  private final OutputStream out;
  private final WritableByteChannel channel;
  private final BooleanSupplier piped;

  /**
   * @param piped whether it goes to a pipe or socket, where writing fails when the reader is gone
   *     and for no other reason
   */
  Output(OutputStream out, BooleanSupplier piped) {
    this.out = new BufferedOutputStream(out, 64 << 10);
    this.channel = Channels.newChannel(out);
    this.piped = piped;
  }

  /** The standard output of this process. */
  static Output standard() {
    return new Output(new FileOutputStream(FileDescriptor.out), Output::isStandardPiped);
  }

  private static boolean isStandardPiped() {
    try {
      int mode = (Integer) Files.getAttribute(Path.of("/dev/fd/1"), "unix:mode");
      return (mode & FILE_KIND) == FIFO || (mode & FILE_KIND) == SOCKET;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Whoever read the output is gone. */
  static final class Gone extends IOException {
    private static final long serialVersionUID = 1L;

    Gone(IOException cause) {
      super("nobody reads the output", cause);
    }
  }

  void line(String text) throws IOException {
    try {
      Names.bytes(text).writeTo(out);
      out.write('\n');
    } catch (IOException e) {
      throw meaning(e);
    }
  }

  @com.google.errorprone.annotations.FormatMethod
  void format(String format, Object... arguments) throws IOException {
    line(String.format(Locale.ROOT, format, arguments));
  }

  void bytes(ByteString bytes) throws IOException {
    try {
      bytes.writeTo(out);
    } catch (IOException e) {
      throw meaning(e);
    }
  }

  void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw meaning(e);
    }
  }

  /** The same stream for large buffers; what was written before is flushed first. */
  WritableByteChannel channel() throws IOException {
    flush();
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer from) throws IOException {
        try {
          return channel.write(from);
        } catch (IOException e) {
          throw meaning(e);
        }
      }

      @Override
      public boolean isOpen() {
        return channel.isOpen();
      }

      @Override
      public void close() {}
    };
  }

  /** The text of an error is in the user's language: only what is written to says what it means. */
  private IOException meaning(IOException e) {
    return piped.getAsBoolean()
        ? new Gone(e)
        : new IOException("cannot write the output: " + e.getMessage(), e);
  }
}
