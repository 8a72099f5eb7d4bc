package dev.cairn.client.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster's directory remembers, and whom its pid files may mean. */
class LocalClusterTest {

  private static final ClusterPlan NOTHING_SAID =
      new ClusterPlan(null, null, false, null, null, null);

  @TempDir Path scratch;
  private ClusterDirectory directory;

  @BeforeEach
  void makeDirectory() {
    directory = new ClusterDirectory(scratch.resolve("cluster"));
  }

  @Test
  void firstPlan_hasThreeChunkServers_andAMountPoint() throws IOException {
    ClusterSettings settings = NOTHING_SAID.settle(directory);
    assertEquals(3, settings.chunkServerPorts().size());
    assertEquals(directory.usualMountPoint(), settings.mountPoint());
    assertEquals(2, settings.replicas());
  }

  @Test
  void nextPlan_keepsPortsAndSettings() throws IOException {
    ClusterPlan first = new ClusterPlan(2, scratch.resolve("m"), false, null, 3, 2048);
    ClusterSettings settings = first.settle(directory);
    assertEquals(settings, NOTHING_SAID.settle(directory));
    assertEquals(settings, ClusterSettings.read(directory.root()));
  }

  @Test
  void moreChunkServers_areAdded_fewerRefused() throws IOException {
    ClusterSettings before = NOTHING_SAID.settle(directory);
    ClusterSettings after = new ClusterPlan(5, null, false, null, null, null).settle(directory);
    assertEquals(before.chunkServerPorts(), after.chunkServerPorts().subList(0, 3));
    assertThrows(
        CairnException.class,
        () -> new ClusterPlan(2, null, false, null, null, null).settle(directory));
  }

  @Test
  void ports_areAllDifferent() throws IOException {
    ClusterSettings settings = new ClusterPlan(20, null, false, null, null, null).settle(directory);
    List<Integer> ports = new ArrayList<>(settings.chunkServerPorts());
    ports.add(settings.masterPort());
    assertEquals(21, ports.stream().distinct().count());
  }

  @Test
  void unknownSetting_isRefused() throws IOException {
    NOTHING_SAID.settle(directory);
    Files.writeString(directory.settings(), "colour = red\n");
    IOException e = assertThrows(IOException.class, () -> ClusterSettings.read(directory.root()));
    assertTrue(e.getMessage().endsWith("'colour' is no setting"), e.getMessage());
  }

  @Test
  void aMasterThatDoesNotAnswer_isNamedWithTheReason() throws IOException {
    ClusterSettings settings = NOTHING_SAID.settle(directory);
    LocalCluster cluster = new LocalCluster(directory, settings, null);
    CairnException e =
        assertThrows(
            CairnException.class,
            () ->
                cluster.awaitChunkServers(
                    master -> {
                      throw ErrorCode.PROTOCOL.because("it speaks another language");
                    },
                    Duration.ZERO));
    assertEquals(
        "the master at "
            + settings.masterAddress()
            + " does not answer: it speaks another language",
        e.getMessage());
    CairnException few =
        assertThrows(
            CairnException.class, () -> cluster.awaitChunkServers(master -> 1, Duration.ZERO));
    assertEquals("1 of 3 chunk servers are registered at the master", few.getMessage());
  }

  @Test
  void pidFile_thatNamesSomebodyElse_isNotBelieved() throws IOException {
    NOTHING_SAID.settle(directory);
    Files.writeString(directory.pidFile("master"), Long.toString(ProcessHandle.current().pid()));
    Daemon master = new Daemon(directory, "master");
    assertTrue(master.running().isEmpty());
    assertTrue(master.terminate().isEmpty());
    Files.writeString(directory.pidFile("master"), "rubbish");
    assertTrue(master.running().isEmpty());
  }

  @Test
  void lock_isHeldByOne() throws IOException {
    directory.make();
    try (ClusterDirectory.Lock lock = directory.lock()) {
      lock.checkHeld();
      assertThrows(IOException.class, directory::lock);
    }
    directory.lock().close();
  }

  @Test
  void lastCluster_isForgottenWithItsDirectory() throws IOException {
    LastCluster last = new LastCluster(scratch.resolve("state"));
    assertNull(last.read());
    NOTHING_SAID.settle(directory);
    last.write(directory.root());
    assertEquals(directory.root(), last.read());
    Files.delete(directory.settings());
    assertNull(last.read());
    assertFalse(last.orUsual().equals(directory.root()));
  }
}
