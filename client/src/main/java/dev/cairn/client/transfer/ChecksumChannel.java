package dev.cairn.client.transfer;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/** Keeps nothing of what is written to it but the checksum. */
final class ChecksumChannel implements WritableByteChannel {

  private final CRC32C checksum = new CRC32C();

  long checksum() {
    return checksum.getValue();
  }

  @Override
  public int write(ByteBuffer from) {
    int length = from.remaining();
    checksum.update(from);
    return length;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
