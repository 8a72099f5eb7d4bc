package dev.cairn.chunkserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.chunkserver.store.BlockRun;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Append;
import dev.cairn.rpc.proto.AppendPart;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.OpenChain;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own: ended in both ways, and started wrongly. */
final class ProcessTest {

  private static final Pattern STARTED = Pattern.compile("chunk server, version .*, at (\\S+)");

  @TempDir Path directory;

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path")));
    command.add(ChunkServerCommand.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private Process start(Path data) throws IOException {
    return start("--master", "127.0.0.1:1", "--data", data.toString(), "--listen", "127.0.0.1:0");
  }

  private static HostPort address(Process server) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        return HostPort.parse(started.group(1));
      }
    }
    throw new AssertionError("the server did not start");
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Appends pieces of odd sizes to some chunks; returns how long each is. */
  private static int[] write(HostPort server, byte[] bytes) throws IOException {
    int[] lengths = new int[5];
    Random random = new Random(1);
    try (FrameChannel channel =
        new FrameChannel(new SocketTransport().connect(server, Duration.ofSeconds(5)))) {
      channel.deadline(Duration.ofSeconds(30));
      channel.send(DataHeader.newBuilder().setOpenChain(OpenChain.getDefaultInstance()).build());
      assertTrue(channel.receive().hasAck());
      for (int sequence = 1; sequence <= 60; sequence++) {
        int chunk = random.nextInt(lengths.length);
        int offset = lengths[chunk];
        ByteBuffer piece = ByteBuffer.wrap(bytes, offset, 1 + random.nextInt(100_000)).slice();
        AppendPart.Builder part =
            AppendPart.newBuilder()
                .setChunkId(chunk + 1)
                .setOffset(offset)
                .setLength(piece.remaining());
        for (int sum : Blocks.checksums(offset, piece)) {
          part.addChecksums(sum);
        }
        lengths[chunk] += piece.remaining();
        Append append = Append.newBuilder().setSequence(sequence).addParts(part).build();
        channel.send(DataHeader.newBuilder().setAppend(append).build(), piece);
        assertEquals(sequence, channel.receive().getAck().getSequence());
      }
    }
    return lengths;
  }

  private static void assertHolds(Path data, byte[] bytes, int[] lengths) throws IOException {
    try (LocalChunkStore store = LocalChunkStore.open(StoreSettings.of(List.of(data)))) {
      for (int i = 0; i < lengths.length; i++) {
        try (BlockRun run = store.blocks(i + 1, 0, lengths[i])) {
          ByteBuffer into = ByteBuffer.allocate(run.length());
          run.read(into);
          assertEquals(ByteBuffer.wrap(bytes, 0, lengths[i]), into.flip());
        } catch (CairnException e) {
          throw new AssertionError("chunk " + (i + 1) + " of " + lengths[i] + " bytes", e);
        }
      }
    }
  }

  @Test
  void kill_losesNothingThatWasAcknowledged() throws Exception {
    byte[] bytes = random(4 << 20, 1);
    Process server = start(directory.resolve("data"));
    try {
      int[] lengths = write(address(server), bytes);
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
      assertHolds(directory.resolve("data"), bytes, lengths);
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void terminate_stopsCleanlyAndLosesNothing() throws Exception {
    byte[] bytes = random(4 << 20, 1);
    Process server = start(directory.resolve("data"));
    try {
      int[] lengths = write(address(server), bytes);
      server.destroy();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
      assertEquals(128 + 15, server.exitValue());
      assertHolds(directory.resolve("data"), bytes, lengths);
    } finally {
      server.destroyForcibly();
    }
  }

  private static void assertFails(int code, String sentence, String... arguments) throws Exception {
    Process server = start(arguments);
    try {
      String output =
          new String(server.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
      assertEquals(code, server.exitValue(), output);
      assertTrue(output.contains(sentence), output);
      assertTrue(!output.contains("\tat "), output);
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void badArguments_areOneSentence() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Path data = directory.resolve("data");
    String master = "127.0.0.1:1";
    String free = "127.0.0.1:0";
    assertFails(2, "is not an address", "--master", "x", "--data", "d", "--listen", free);
    assertFails(
        1, "it is not a directory", "--master", master, "--data", file + "", "--listen", free);
    Process server = start(data);
    try {
      String taken = address(server).toString();
      assertFails(
          1, "in use by another", "--master", master, "--data", data + "", "--listen", free);
      assertFails(
          1, "cannot listen at", "--master", master, "--data", data + "2", "--listen", taken);
    } finally {
      server.destroyForcibly();
      server.waitFor(20, TimeUnit.SECONDS);
    }
  }
}
