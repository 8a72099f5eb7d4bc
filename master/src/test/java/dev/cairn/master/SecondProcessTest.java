package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RefusedServerStatus;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes say that they are one chunk server. */
@Timeout(60)
final class SecondProcessTest {

  private static final Duration DEAD_AFTER = Duration.ofSeconds(10);

  private final ManualTime time = new ManualTime();

  @TempDir Path data;
  private RunningMaster master;

  @BeforeEach
  void start() {
    master = RunningMaster.start(data, time);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private RegisterReply register(long incarnation, int port) {
    return master.servers.register(
        RegisterRequest.newBuilder()
            .setServerUuid("uuid-1")
            .setHost("127.0.0.1")
            .setDataPort(port)
            .setIncarnation(incarnation)
            .addDisks(RunningMaster.disk())
            .build());
  }

  private void assertRefused(long incarnation, int port) {
    CairnException refusal = RunningMaster.refusal(() -> register(incarnation, port));
    assertEquals(ErrorCode.IDENTITY_IN_USE, refusal.code());
  }

  private HeartbeatRequest.Builder beat(RegisterReply server, long incarnation) {
    return HeartbeatRequest.newBuilder()
        .setServerId(server.getServerId())
        .setMasterIncarnation(server.getMasterIncarnation())
        .setIncarnation(incarnation)
        .addDisks(RunningMaster.disk());
  }

  private HeartbeatReply heartbeat(RegisterReply server, long incarnation) {
    return master.servers.heartbeat(beat(server, incarnation).build());
  }

  private GetStatusReply status() {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance());
  }

  @Test
  void secondProcessElsewhere_isRefusedWithBothAddresses_whichTheFirstAndStatusNameToo() {
    RegisterReply first = register(1, 7001);
    assertEquals("", heartbeat(first, 1).getNotice());
    CairnException refusal = RunningMaster.refusal(() -> register(2, 7002));
    assertEquals(ErrorCode.IDENTITY_IN_USE, refusal.code());
    String reason = refusal.getMessage();
    assertTrue(reason.contains("127.0.0.1:7001") && reason.contains("127.0.0.1:7002"), reason);
    assertEquals(reason, heartbeat(first, 1).getNotice());
    RefusedServerStatus refused = status().getRefusedServers(0);
    assertEquals(7002, refused.getDataPort());
    assertEquals(reason, refused.getReason());
    ChunkServerStatus server = status().getServers(0);
    assertEquals(7001, server.getDataPort());
    assertTrue(server.getAlive());
  }

  @Test
  void refusal_isShown_asLongAsTheSecondTries() {
    RegisterReply first = register(1, 7001);
    assertRefused(2, 7002);
    time.pass(Duration.ofSeconds(8));
    assertEquals("", heartbeat(first, 1).getReplaced());
    time.pass(Duration.ofSeconds(8));
    assertEquals("", heartbeat(first, 1).getReplaced());
    assertEquals(1, status().getRefusedServersCount());
    for (int i = 0; i < 2; i++) {
      time.pass(Duration.ofSeconds(8));
      assertEquals("", heartbeat(first, 1).getReplaced());
    }
    assertEquals(0, status().getRefusedServersCount());
    assertEquals("", heartbeat(first, 1).getNotice());
  }

  @Test
  void restartAtTheSameAddress_isLetInAtOnce_andTheProcessBeforeIsToldOfIt() {
    RegisterReply first = register(1, 7001);
    RegisterReply again = register(2, 7001);
    assertEquals(first.getServerId(), again.getServerId());
    assertEquals("", heartbeat(again, 2).getReplaced());
    HeartbeatReply told = heartbeat(first, 1);
    assertTrue(told.getReplaced().contains("127.0.0.1:7001"), told::getReplaced);
    assertFalse(told.getRegisterAgain());
    assertRefused(1, 7001);
  }

  @Test
  void secondProcess_isLetIn_onceTheFirstWasSilentForLong_andTheFirstIsRefusedThen() {
    RegisterReply first = register(1, 7001);
    time.pass(DEAD_AFTER.minusSeconds(1));
    assertRefused(2, 7002);
    time.pass(Duration.ofSeconds(2));
    RegisterReply second = register(2, 7002);
    assertEquals(first.getServerId(), second.getServerId());
    assertFalse(heartbeat(first, 1).getReplaced().isEmpty());
    assertRefused(1, 7001);
    assertEquals(7002, status().getServers(0).getDataPort());
  }

  @Test
  void processThatSaidThatItEnds_isReplacedAtOnceWhereverTheNextOneIs() {
    RegisterReply first = register(1, 7001);
    HeartbeatReply unused = master.servers.heartbeat(beat(first, 1).setLeaving(true).build());
    assertEquals(first.getServerId(), register(2, 7002).getServerId());
  }

  @Test
  void afterARestartOfTheMaster_theServerIsTheOneItWas() {
    RegisterReply unused = register(1, 7001);
    master.close();
    master = RunningMaster.start(data, time);
    assertRefused(2, 7002);
    RegisterReply first = register(1, 7001);
    assertEquals("", heartbeat(first, 1).getReplaced());
  }
}
