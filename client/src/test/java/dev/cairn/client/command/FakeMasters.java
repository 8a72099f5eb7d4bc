package dev.cairn.client.command;

import dev.cairn.client.cluster.MasterGroup;
import dev.cairn.rpc.HostPort;
import java.util.List;

/** The masters of a fixture, which notes what they are asked to do. */
record FakeMasters(CommandFixture fixture) implements MasterGroup {

  @Override
  public List<Answer> ask() {
    return fixture.masters;
  }

  @Override
  public String lead(String to) {
    fixture.mastersAsked.add("lead " + to);
    return to;
  }

  @Override
  public void add(HostPort master) {
    fixture.mastersAsked.add("add " + master);
  }

  @Override
  public void remove(HostPort master) {
    fixture.mastersAsked.add("remove " + master);
  }

  @Override
  public void close() {}
}
