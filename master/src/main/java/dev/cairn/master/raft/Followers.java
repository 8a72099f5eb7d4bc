package dev.cairn.master.raft;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * What the leader knows of the others, and the leader's lease that follows from it. A member that
 * has heard from a leader supports no other one for {@code Timeouts.LEAST}. So whatever a majority
 * has answered to since then, this is still the only leader. The moment counts at which the leader
 * <em>sent</em> what was answered: a process that stood still reads answers that are old.
 *
 * <p>Ratis' own linearizable reads are no proof of that: it answers a second read of the same index
 * without asking anybody.
 */
final class Followers {

  private static final Class<Followers> KEY = Followers.class;

  private final Map<RaftPeerId, FollowerInfo> byId = new ConcurrentHashMap<>();

  /** The way by which Ratis makes the senders of a leader, one for each follower. */
  public static final class Rpc implements RpcType {

    @Override
    public String name() {
      return Rpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
      Followers followers = parameters.get(KEY.getName(), KEY);
      return new GrpcFactory(parameters) {
        @Override
        public LogAppender newLogAppender(
            RaftServer.Division server, LeaderState state, FollowerInfo follower) {
          followers.follow(follower);
          return super.newLogAppender(server, state, follower);
        }
      };
    }
  }

  /** Takes a follower of this leader's term in place of one with its id. */
  void follow(FollowerInfo follower) {
    byId.put(follower.getId(), follower);
  }

  Parameters parameters() {
    Parameters parameters = new Parameters();
    parameters.put(KEY.getName(), this, KEY);
    return parameters;
  }

  /** What is known of a follower; null when nothing is. */
  FollowerInfo get(RaftPeerId id) {
    return byId.get(id);
  }

  /**
   * Whether a majority of the members has answered, counting this one, to what was sent within the
   * time.
   */
  boolean majorityAnsweredWithin(Duration time, Collection<RaftPeer> members, RaftPeerId self) {
    long[] ages = new long[members.size()];
    int count = 0;
    for (RaftPeer member : members) {
      ages[count++] = member.getId().equals(self) ? 0 : ageNanos(member.getId());
    }
    Arrays.sort(ages);
    return count > 0 && ages[count / 2] < time.toNanos();
  }

  private long ageNanos(RaftPeerId id) {
    FollowerInfo follower = byId.get(id);
    return follower == null
        ? Long.MAX_VALUE
        : follower
            .getLastRespondedAppendEntriesSendTime()
            .elapsedTime()
            .toLong(TimeUnit.NANOSECONDS);
  }
}
