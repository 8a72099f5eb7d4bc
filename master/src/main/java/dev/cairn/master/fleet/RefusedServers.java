package dev.cairn.master.fleet;

import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.RefusedServerStatus;
import dev.cairn.rpc.proto.RegisterRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The chunk servers that were refused lately. Logs each once. Safe for any thread. */
public final class RefusedServers {

  private static final Logger log = LoggerFactory.getLogger(RefusedServers.class);

  /** They try again every two seconds. */
  private static final Duration SHOWN_FOR = Duration.ofSeconds(30);

  private static final int MOST = 100;
  private static final int MAX_SHOWN_CHARACTERS = 300;
  private static final int MAX_REASON_CHARACTERS = 600;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private record Name(String uuid, String host, int port) {}

  private record Refusal(ErrorCode code, String reason, String otherCluster, long ticks) {}

  /** The one that tried last is at the end. */
  private final Map<Name, Refusal> refusals = new LinkedHashMap<>();

  /** Notes that a server was refused. */
  public synchronized void refused(RegisterRequest request, CairnException why, long nowTicks) {
    Name name = name(request);
    String reason = ShownText.of(why.getMessage(), MAX_REASON_CHARACTERS);
    Refusal before = refusals.remove(name);
    if (refusals.size() == MOST) {
      refusals.remove(refusals.keySet().iterator().next());
    }
    boolean foreign = why.code() == ErrorCode.OTHER_CLUSTER;
    String otherCluster = foreign ? shortened(request.getClusterId()) : "";
    refusals.put(name, new Refusal(why.code(), reason, otherCluster, nowTicks));
    if (before == null || !before.reason().equals(reason)) {
      log.warn("a chunk server at {} is refused: {}", shown(name), reason);
    }
  }

  /** The server was let in. */
  public synchronized void accepted(RegisterRequest request) {
    refusals.remove(name(request));
  }

  private static Name name(RegisterRequest request) {
    return new Name(
        shortened(request.getServerUuid()), shortened(request.getHost()), request.getDataPort());
  }

  private static String shortened(String text) {
    return ShownText.of(text, MAX_SHOWN_CHARACTERS);
  }

  private static String shown(Name name) {
    return name.host() + ":" + name.port();
  }

  /** What the process that is the server should know of others that say they are; or empty. */
  public synchronized String rivals(String uuid, long nowTicks) {
    for (Map.Entry<Name, Refusal> entry : refusals.entrySet()) {
      Refusal refusal = entry.getValue();
      if (refusal.code() == ErrorCode.IDENTITY_IN_USE
          && entry.getKey().uuid().equals(uuid)
          && isRecent(refusal, nowTicks)) {
        return refusal.reason();
      }
    }
    return "";
  }

  private static boolean isRecent(Refusal refusal, long nowTicks) {
    return nowTicks - refusal.ticks() <= SHOWN_FOR.toNanos();
  }

  public synchronized List<RefusedServerStatus> status(long nowTicks) {
    List<RefusedServerStatus> recent = new ArrayList<>();
    refusals.forEach(
        (name, refusal) -> {
          if (isRecent(refusal, nowTicks)) {
            recent.add(
                RefusedServerStatus.newBuilder()
                    .setHost(name.host())
                    .setDataPort(name.port())
                    .setReason(refusal.reason())
                    .setOtherCluster(refusal.otherCluster())
                    .setSilentMillis((nowTicks - refusal.ticks()) / NANOS_PER_MILLI)
                    .build());
          }
        });
    return recent;
  }
}
