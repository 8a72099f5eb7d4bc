package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a master answers that leads, does not, or stops to lead meanwhile. */
final class GateTest extends TrashServiceGrpc.TrashServiceImplBase {

  private volatile boolean leads = true;

  /** The leadership is lost while a call is under way. */
  private volatile boolean pauses;

  private final Gate gate =
      new Gate(Services.DESCRIPTORS, () -> leads, () -> "other:9420", List.of());
  private ControlServer server;
  private ManagedChannel channel;

  @Override
  public void listTrash(ListTrashRequest request, StreamObserver<ListTrashReply> call) {
    leads = leads && !pauses;
    call.onNext(ListTrashReply.getDefaultInstance());
    call.onCompleted();
  }

  @BeforeEach
  void start() throws IOException {
    server = ControlServer.start(new HostPort("127.0.0.1", 0), gate.services());
    channel = ControlPlane.channel(new HostPort("127.0.0.1", server.port()));
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.stop();
  }

  /** Why a question is refused; null when it is answered. */
  private CairnException refusal() {
    try {
      ListTrashReply unused =
          TrashServiceGrpc.newBlockingStub(channel)
              .listTrash(ListTrashRequest.getDefaultInstance());
      return null;
    } catch (StatusRuntimeException e) {
      return GrpcErrors.fromThrowable(e, "the master");
    }
  }

  private void assertNotLeader(boolean mayBeDone) {
    CairnException why = refusal();
    assertEquals(ErrorCode.NOT_LEADER, why.code());
    assertEquals("other:9420", why.leader());
    assertEquals(mayBeDone, why.mayBeDone());
  }

  @Test
  void aGateThatIsShut_namesTheLeader() {
    assertNotLeader(false);
  }

  @Test
  void anOpenGate_letsThrough_whileTheMasterLeads() {
    gate.open(List.of(this));
    assertTrue(gate.isOpen());
    assertEquals(null, refusal());
    leads = false;
    assertNotLeader(false);
    leads = true;
    gate.shut();
    assertFalse(gate.isOpen());
    assertNotLeader(false);
  }

  @Test
  void anAnswer_thatIsReadyAfterALostLeadership_isRefused() {
    gate.open(List.of(this));
    pauses = true;
    assertNotLeader(true);
  }
}
