package dev.cairn.rpc.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.metrics.HttpEndpoint;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.ForgetReply;
import dev.cairn.rpc.proto.ForgetRequest;
import dev.cairn.rpc.unary.UnaryChannel;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MeteredServiceTest {

  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  /** Forgets server 1, and knows no other. */
  private static final class Servers extends ClusterServiceGrpc.ClusterServiceImplBase {
    @Override
    public void forget(ForgetRequest request, StreamObserver<ForgetReply> call) {
      if (request.getServerId() == 1) {
        call.onNext(ForgetReply.getDefaultInstance());
        call.onCompleted();
      } else {
        call.onError(GrpcErrors.toStatus(ErrorCode.NO_ENTRY.because("no such server")));
      }
    }
  }

  @Test
  void calls_countByResult_whicheverWayTheyCome() throws Exception {
    ControlServer server = ControlServer.start(ANY, List.of(new Servers()));
    HostPort at = new HostPort("127.0.0.1", server.port());
    ManagedChannel grpc = ControlPlane.channel(at);
    try (UnaryChannel frames = new UnaryChannel(at);
        HttpEndpoint endpoint = HttpEndpoint.open(ANY, "test")) {
      endpoint.add(into -> into.operations("x_request", "method", "request", server.requests()));
      for (Channel channel : List.of(grpc, frames)) {
        for (int id = 1; id <= 2; id++) {
          call(channel, id);
        }
      }
      String page = scraped(endpoint);
      assertTrue(page.contains("x_requests_total{method=\"Forget\",result=\"ok\"} 2.0\n"), page);
      assertTrue(page.contains("{method=\"Forget\",result=\"no_entry\"} 2.0\n"), page);
      assertTrue(page.contains("x_request_duration_seconds_count{method=\"Forget\"} 4\n"), page);
      assertTrue(page.contains("x_requests_in_progress{method=\"Forget\"} 0.0\n"), page);
    } finally {
      grpc.shutdownNow();
      server.stop();
    }
  }

  private static void call(Channel channel, int id) throws Exception {
    try {
      ForgetReply unused =
          ClusterServiceGrpc.newFutureStub(channel)
              .forget(ForgetRequest.newBuilder().setServerId(id).build())
              .get(30, TimeUnit.SECONDS);
      assertEquals(1, id);
    } catch (ExecutionException e) {
      assertTrue(id > 1, e::toString);
    }
  }

  private static String scraped(HttpEndpoint endpoint) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + endpoint.address() + "/metrics"))
                .timeout(Duration.ofSeconds(30))
                .build(),
            BodyHandlers.ofString())
        .body();
  }
}
