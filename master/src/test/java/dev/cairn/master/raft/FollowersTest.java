package dev.cairn.master.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.util.Timestamp;
import org.junit.jupiter.api.Test;

/** The leader's lease, by the age of what was answered last. */
final class FollowersTest {

  private static final RaftPeer SELF = peer("a");
  private static final RaftPeer B = peer("b");
  private static final RaftPeer C = peer("c");
  private static final Duration LEASE = Duration.ofSeconds(20);

  private final Followers followers = new Followers();

  private static RaftPeer peer(String id) {
    return RaftPeer.newBuilder().setId(id).build();
  }

  /** A follower that answered what was sent so long ago. */
  private void answered(RaftPeer peer, Duration ago) {
    Timestamp sent = Timestamp.currentTime().addTimeMs(-ago.toMillis());
    FollowerInfo follower =
        (FollowerInfo)
            Proxy.newProxyInstance(
                FollowerInfo.class.getClassLoader(),
                new Class<?>[] {FollowerInfo.class},
                (proxy, method, arguments) ->
                    method.getName().equals("getLastRespondedAppendEntriesSendTime")
                        ? sent
                        : peer.getId());
    followers.follow(follower);
  }

  private boolean held(RaftPeer... members) {
    return followers.majorityAnsweredWithin(LEASE, List.of(members), SELF.getId());
  }

  @Test
  void oneMasterAlone_holdsItsLease() {
    assertTrue(held(SELF));
  }

  @Test
  void aLeader_thatNobodyHasAnswered_holdsNone() {
    assertFalse(held(SELF, B, C));
  }

  @Test
  void aMajority_isEnough() {
    answered(B, Duration.ofSeconds(1));
    assertTrue(held(SELF, B, C));
    answered(C, Duration.ofHours(1));
    assertTrue(held(SELF, B, C));
  }

  @Test
  void aLeaderThatStoodStill_holdsNone_thoughItReadsOldAnswers() {
    answered(B, Duration.ofSeconds(21));
    answered(C, Duration.ofSeconds(30));
    assertFalse(held(SELF, B, C));
  }

  @Test
  void aMinorityOfFive_isNotEnough() {
    RaftPeer d = peer("d");
    RaftPeer e = peer("e");
    answered(B, Duration.ofSeconds(1));
    answered(d, Duration.ofSeconds(40));
    assertFalse(held(SELF, B, C, d, e));
    answered(d, Duration.ofSeconds(1));
    assertTrue(held(SELF, B, C, d, e));
  }

  @Test
  void oneOfTwo_isNotEnough() {
    assertFalse(held(SELF, B));
    answered(B, Duration.ofSeconds(1));
    assertTrue(held(SELF, B));
  }
}
