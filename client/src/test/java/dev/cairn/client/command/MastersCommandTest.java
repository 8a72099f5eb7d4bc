package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.cluster.MasterGroup.Answer;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.GetMastersReply;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.MasterMember;
import dev.cairn.rpc.proto.MasterRole;
import dev.cairn.rpc.proto.SpaceStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MastersCommandTest {

  private static final String A = "10.0.0.1:9420";
  private static final String B = "10.0.0.2:9420";
  private static final String C = "10.0.0.3:9420";

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
    cairn.environment = Map.of("CAIRN_MASTER", String.join(",", A, B, C));
    cairn.status =
        GetStatusReply.newBuilder()
            .setClusterId("c0ffee")
            .setVersion(Version.number())
            .setDefaultReplicas(1)
            .setSpace(space())
            .addServers(
                ChunkServerStatus.newBuilder()
                    .setServerId(1)
                    .setHost("10.0.0.9")
                    .setDataPort(9421)
                    .setAlive(true)
                    .setReported(true)
                    .addDisks(
                        DiskStatus.newBuilder()
                            .setPath("/d")
                            .setTotalBytes(1 << 30)
                            .setFreeBytes(1 << 29))
                    .setSpace(space())
                    .setVersion(Version.number()))
            .build();
  }

  private static SpaceStatus space() {
    return SpaceStatus.newBuilder().setTotalBytes(1 << 30).setFreeBytes(1 << 29).build();
  }

  private static MasterMember member(String address, MasterRole role, long last) {
    return MasterMember.newBuilder()
        .setAddress(address)
        .setRole(role)
        .setLastIndex(last)
        .setReachable(true)
        .build();
  }

  private static Answer answer(String by, String leader, long term, MasterMember... members) {
    return new Answer(
        HostPort.parse(by),
        GetMastersReply.newBuilder()
            .setAsked(by)
            .setLeader(leader)
            .setTerm(term)
            .addAllMembers(List.of(members))
            .build(),
        "");
  }

  private static Answer silent(String master) {
    return new Answer(HostPort.parse(master), null, "cannot be reached: connection refused");
  }

  private static Answer leaderB(boolean cReachable) {
    MasterMember c =
        member(C, MasterRole.MASTER_FOLLOWING, 988).toBuilder()
            .setReachable(cReachable)
            .setSilentMillis(cReachable ? 0 : 12_000)
            .build();
    return answer(
        B,
        B,
        7,
        member(A, MasterRole.MASTER_FOLLOWING, 1000),
        member(B, MasterRole.MASTER_LEADING, 1000),
        c);
  }

  /** A former leader, which does not know yet that it is one. */
  private static Answer formerLeaderA() {
    return answer(
        A,
        A,
        6,
        member(A, MasterRole.MASTER_LEADING, 1000),
        member(B, MasterRole.MASTER_FOLLOWING, 900),
        member(C, MasterRole.MASTER_FOLLOWING, 900));
  }

  @Test
  void theLeaderOfTheLatestTerm_isBelieved() {
    cairn.masters = List.of(formerLeaderA(), leaderB(true), answer(C, "", 7));
    assertEquals(
        List.of(
            "name           address        role     behind  state",
            "10.0.0.1:9420  10.0.0.1:9420  follows       0  follows",
            "10.0.0.2:9420  10.0.0.2:9420  leads         0  leads, term 7",
            "10.0.0.3:9420  10.0.0.3:9420  follows      12  follows, 12 entries behind"),
        cairn.run("masters").well().lines());
  }

  @Test
  void status_ofSeveralMasters_beginsWithTheLeader_andShowsEach() {
    cairn.masters = List.of(answer(A, B, 7), leaderB(true), answer(C, B, 7));
    List<String> lines = cairn.run("status").well().lines();
    assertEquals("master " + B, lines.get(0));
    assertTrue(lines.contains("masters: 3, of which 2 must run"), lines.toString());
    assertTrue(lines.contains("  10.0.0.3:9420  follows, 12 entries behind"), lines.toString());
    String json = cairn.run("status", "--json").well().out();
    assertTrue(json.contains("\"leader\": {"), json);
    assertTrue(json.contains("\"role\": \"leads\""), json);
    assertTrue(json.contains("\"behind\": 12"), json);
  }

  @Test
  void aMasterThatIsAway_isAFinding() {
    cairn.masters = List.of(answer(A, B, 7), leaderB(false), silent(C));
    Ran ran = cairn.run("status");
    assertEquals(1, ran.exit());
    assertTrue(
        ran.out().contains("away for 12.0 s: cannot be reached: connection refused"), ran.out());
    assertTrue(
        ran.out().contains("degraded  master-away: the master at " + C + " does not run"),
        ran.out());
  }

  @Test
  void aLostMajority_isSaidByThoseThatAreLeft() {
    cairn.status = null;
    cairn.masters = List.of(silent(A), answer(B, "", 8), silent(C));
    Ran ran = cairn.run("status");
    assertEquals(3, ran.exit());
    assertTrue(
        ran.err().startsWith("cairn status: no master leads, since 1 of 3 answer ("), ran.err());
    assertTrue(ran.err().contains("start masters until 2 of them run"), ran.err());
    Ran json = cairn.run("status", "--json");
    assertTrue(json.out().contains("\"code\": \"no-majority\""), json.out());
    assertEquals(1, cairn.run("masters").exit());
  }

  @Test
  void anElectionUnderWay_isNotALostMajority() {
    cairn.status = null;
    cairn.masters = List.of(silent(A), answer(B, "", 8), answer(C, "", 8));
    Ran ran = cairn.run("status", "--json");
    assertEquals(3, ran.exit());
    assertTrue(ran.out().contains("\"code\": \"no-leader\""), ran.out());
  }

  @Test
  void oneMaster_isShownAsBefore() {
    cairn.environment = Map.of("CAIRN_MASTER", A);
    cairn.masters = List.of(answer(A, A, 0, member(A, MasterRole.MASTER_LEADING, 0)));
    List<String> lines = cairn.run("status").well().lines();
    assertEquals("master " + A, lines.get(0));
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("masters")), lines.toString());
  }

  @Test
  void changes_meanMastersByNameOrAddress() throws IOException {
    Path local = Files.createDirectory(scratch.resolve("local"));
    Files.writeString(
        local.resolve("cluster.conf"),
        """
        master-port = 1001/1002
        master-port = 1003/1004
        master-port = 1005/1006
        mount = none
        """);
    String dir = local.toString();
    cairn.run("masters", "lead", "--dir", dir, "master-2").well();
    cairn.run("masters", "lead", "--dir", dir).well();
    cairn.run("masters", "remove", "--dir", dir, "127.0.0.1:1005").well();
    cairn.run("masters", "add", "--dir", dir, "10.0.0.9:1").well();
    assertEquals(
        List.of("lead 127.0.0.1:1003", "lead ", "remove 127.0.0.1:1005", "add 10.0.0.9:1"),
        cairn.mastersAsked);
    Ran wrong = cairn.run("masters", "remove", "--dir", dir, "master-9");
    assertEquals(2, wrong.exit());
    assertTrue(wrong.err().contains("'master-9' is not an address"), wrong.err());
  }
}
