package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Names;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Locale;

/** Standard output: text in which names keep their bytes, and plain bytes. Flushed at the end. */
final class Output {

  private final OutputStream out;
  private final WritableByteChannel channel;

  Output(OutputStream out) {
    this.out = new BufferedOutputStream(out, 64 << 10);
    this.channel = Channels.newChannel(out);
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
      throw explained(e);
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
      throw explained(e);
    }
  }

  void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw explained(e);
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
          throw explained(e);
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

  private static IOException explained(IOException e) {
    boolean gone = e.getMessage() != null && e.getMessage().contains("Broken pipe");
    return gone ? new Gone(e) : new IOException("cannot write the output: " + e.getMessage(), e);
  }
}
