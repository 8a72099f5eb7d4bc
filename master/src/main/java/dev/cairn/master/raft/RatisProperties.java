package dev.cairn.master.raft;

import dev.cairn.rpc.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** The settings of Ratis: each where its default would be wrong here. */
final class RatisProperties {

  private static final long SNAPSHOT_EVERY = 100_000;
  private static final Duration STAGING = Duration.ofSeconds(30);

  private RatisProperties() {}

  static RaftProperties of(Path directory, HostPort listen) {
    RaftProperties properties = new RaftProperties();
    RaftConfigKeys.Rpc.setType(properties, new Followers.Rpc());
    // Everything lies under /tmp by default.
    RaftServerConfigKeys.setStorageDir(properties, List.of(directory.resolve("log").toFile()));
    properties.set(
        RaftServerConfigKeys.REMOVED_GROUPS_DIR_KEY, directory.resolve("removed").toString());
    GrpcConfigKeys.Server.setHost(properties, listen.host());
    GrpcConfigKeys.Server.setPort(properties, listen.port());
    // A process that stood still for long follows, and does not end.
    RaftServerConfigKeys.setCloseThreshold(properties, of(Duration.ofDays(365)));
    elections(properties);
    memory(properties);
    log(properties);
    return properties;
  }

  private static void elections(RaftProperties properties) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, of(Timeouts.LEAST));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, of(Timeouts.MOST));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, of(Timeouts.LEAST));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, of(Timeouts.MOST));
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
        properties, of(Timeouts.STEP_DOWN));
    // A new member fetches the tables first, and says nothing for as long as that takes a moment.
    RaftServerConfigKeys.setStagingTimeout(properties, of(STAGING));
    // One master becomes three in one step.
    RaftServerConfigKeys.LeaderElection.setMemberMajorityAdd(properties, true);
  }

  private static void memory(RaftProperties properties) {
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("8MB"));
    RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("4MB"));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("16MB"));
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("32MB"));
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf("8MB"));
    RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("9MB"));
    // The table of replies makes requests exactly-once already.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, of(Duration.ofSeconds(5)));
  }

  private static void log(RaftProperties properties) {
    // A floor under every append otherwise.
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
    // How far a log is committed is learned from the leader: it need not be in the log.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    // A follower that is too far behind fetches a checkpoint of the tables.
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, SNAPSHOT_EVERY);
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, SNAPSHOT_EVERY);
  }

  private static TimeDuration of(Duration time) {
    return TimeDuration.valueOf(time.toMillis(), TimeUnit.MILLISECONDS);
  }
}
