package dev.cairn.client.command;

import dev.cairn.client.cluster.MasterGroup.Answer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.finding.Finding;
import dev.cairn.rpc.proto.GetMastersReply;
import dev.cairn.rpc.proto.MasterMember;
import dev.cairn.rpc.proto.MasterRole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The masters of a cluster, by what they say of each other: the leader knows most, and of several
 * that say they lead, the one of the latest term does. Nothing but its arguments goes into it.
 *
 * @param answers of all masters that are known
 * @param names of masters that have one, by their addresses
 */
record MastersReport(List<Answer> answers, Map<HostPort, String> names) {

  /** So many entries take a moment; who is further behind was away, or is slow. */
  private static final long MUCH_BEHIND = 10_000;

  /** Of a cluster with one master, or whose masters say nothing of each other. */
  static final MastersReport NONE = new MastersReport(List.of(), Map.of());

  boolean areSeveral() {
    return answers.size() > 1 || members().size() > 1;
  }

  /** What the one that knows most says. */
  private GetMastersReply best() {
    GetMastersReply best = GetMastersReply.getDefaultInstance();
    for (Answer answer : answers) {
      if (answer.isThere() && rank(answer.reply()) > rank(best)) {
        best = answer.reply();
      }
    }
    return best;
  }

  private static long rank(GetMastersReply reply) {
    return 2 * reply.getTerm() + (leads(reply) ? 1 : 0) + (reply.getMembersCount() > 0 ? 1 : 0);
  }

  private static boolean leads(GetMastersReply reply) {
    return !reply.getLeader().isEmpty() && reply.getLeader().equals(reply.getAsked());
  }

  private List<MasterMember> members() {
    return best().getMembersList();
  }

  /** The address of the leader; empty when there is none. */
  String leader() {
    GetMastersReply best = best();
    return leads(best) ? best.getLeader() : "";
  }

  private String name(String address) {
    String name = names.get(HostPort.parsePeer(address));
    return name == null ? address : name;
  }

  /** For sentences: its name and address. */
  private String named(String address) {
    String name = name(address);
    return name.equals(address) ? "the master at " + address : name + " at " + address;
  }

  private Answer answerOf(MasterMember member) {
    return answers.stream()
        .filter(answer -> answer.master().toString().equals(member.getAddress()))
        .findFirst()
        .orElse(null);
  }

  /** As the leader has it, which hears of all; without one, whoever does not answer is away. */
  private boolean isAway(MasterMember member) {
    if (leader().isEmpty()) {
      Answer own = answerOf(member);
      return own != null && !own.isThere();
    }
    return !member.getAddress().equals(leader()) && !member.getReachable();
  }

  private long behind(MasterMember member) {
    long most = members().stream().mapToLong(MasterMember::getLastIndex).max().orElse(0);
    return most - member.getLastIndex();
  }

  private String role(MasterMember member) {
    if (member.getAddress().equals(leader())) {
      return "leads";
    }
    if (isAway(member)) {
      return "away";
    }
    Answer own = answerOf(member);
    return own == null || !own.isThere()
        ? word(member.getRole())
        : word(ownRole(own.reply(), member));
  }

  private static MasterRole ownRole(GetMastersReply said, MasterMember member) {
    return said.getMembersList().stream()
        .filter(one -> one.getAddress().equals(member.getAddress()))
        .map(MasterMember::getRole)
        .filter(role -> role != MasterRole.MASTER_LEADING)
        .findFirst()
        .orElse(member.getRole());
  }

  private static String word(MasterRole role) {
    return switch (role) {
      case MASTER_LEADING -> "leads";
      case MASTER_FOLLOWING -> "follows";
      case MASTER_STANDING -> "stands for election";
      case MASTER_REMOVED -> "removed";
      case MASTER_STARTING, UNRECOGNIZED -> "starting";
    };
  }

  private String state(MasterMember member) {
    if (isAway(member)) {
      Answer own = answerOf(member);
      String why = own == null || own.isThere() ? "" : ": " + own.silence();
      return member.getSilentMillis() == 0
          ? "away" + why
          : "away for " + Shown.time(member.getSilentMillis()) + why;
    }
    String role = role(member);
    if (role.equals("leads")) {
      return "leads, term " + best().getTerm();
    }
    long behind = behind(member);
    return role + (behind == 0 ? "" : ", " + Shown.count(behind, "entry", "entries") + " behind");
  }

  /** Lines of the status; none of a cluster with one master. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (areSeveral()) {
      lines.add("masters: " + members().size() + ", of which " + majority() + " must run");
      for (MasterMember member : members()) {
        String name = name(member.getAddress());
        lines.add(
            "  "
                + name
                + (name.equals(member.getAddress()) ? "" : "  " + member.getAddress())
                + "  "
                + state(member));
      }
    }
    return lines;
  }

  /** Rows for people: name, address, role, entries behind, state. */
  Table table() {
    Table table = new Table("name", "address", "role", ">behind", "state");
    for (MasterMember member : members()) {
      table.row(
          name(member.getAddress()),
          member.getAddress(),
          role(member),
          behind(member),
          state(member));
    }
    return table;
  }

  private int majority() {
    return members().size() / 2 + 1;
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    if (!areSeveral()) {
      return findings;
    }
    for (MasterMember member : members()) {
      if (isAway(member)) {
        findings.add(
            Finding.degraded(
                "master-away",
                named(member.getAddress()) + " does not run, or is cut off",
                "start it again; if its disk is lost, start it on an empty directory, and it gets"
                    + " everything from the others"));
      } else if (behind(member) > MUCH_BEHIND) {
        findings.add(
            Finding.notice(
                "master-behind",
                named(member.getAddress())
                    + " has yet to get "
                    + Shown.count(behind(member), "entry", "entries"),
                "it counts as a copy of the newest names only when it has them; wait"));
      }
    }
    return findings;
  }

  /** Whether too few masters answer for one to lead. */
  boolean isWithoutMajority() {
    return answersThere() <= Math.max(members().size(), answers.size()) / 2;
  }

  private long answersThere() {
    return answers.stream().filter(Answer::isThere).count();
  }

  /** Why no master leads, and what to do. */
  Finding noLeader() {
    long there = answersThere();
    int all = Math.max(members().size(), answers.size());
    int needed = all / 2 + 1;
    String silent =
        answers.stream()
            .filter(answer -> !answer.isThere())
            .map(answer -> named(answer.master().toString()) + " " + answer.silence())
            .collect(Collectors.joining("; "));
    return isWithoutMajority()
        ? Finding.unavailable(
            "no-majority",
            "no master leads, since " + there + " of " + all + " answer (" + silent + ")",
            "start masters until "
                + needed
                + " of them run: nothing is read, written or lost before")
        : Finding.unavailable(
            "no-leader",
            "no master leads, though " + there + " of " + all + " answer",
            "wait some seconds for an election; if it lasts, the masters' logs say why");
  }

  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    String leader = leader();
    if (!leader.isEmpty()) {
      facts.put("leader", Map.of("name", name(leader), "address", leader));
    }
    facts.put("masters", members().stream().map(this::facts).toList());
    return facts;
  }

  private Map<String, Object> facts(MasterMember member) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", name(member.getAddress()));
    facts.put("address", member.getAddress());
    facts.put("role", role(member));
    facts.put("behind", behind(member));
    facts.put("reachable", !isAway(member));
    facts.put("silent_ms", member.getSilentMillis());
    return facts;
  }
}
