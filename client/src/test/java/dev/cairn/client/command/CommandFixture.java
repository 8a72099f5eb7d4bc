package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.cairn.client.cluster.BackupClient;
import dev.cairn.client.cluster.CheckClient;
import dev.cairn.client.cluster.Leases;
import dev.cairn.client.cluster.MasterGroup;
import dev.cairn.client.cluster.Servers;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.local.LastCluster;
import dev.cairn.client.vfs.MemoryVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BackupPage;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Runs commands as a user would, over a filesystem in memory. */
final class CommandFixture implements Surroundings.Clusters {

  final MemoryVfs cluster = new MemoryVfs();
  final Path scratch;
  Surroundings.Terminal terminal = Surroundings.Terminal.NONE;
  Map<String, String> environment = Map.of("CAIRN_MASTER", "master.example:9400");
  byte[] input = new byte[0];
  GetStatusReply status;
  Masters asked;
  Duration within;
  Trash trash;
  Servers servers;
  Leases leases;
  List<MasterGroup.Answer> masters = List.of();
  final List<String> mastersAsked = new ArrayList<>();
  CheckRequest checkRequest;
  List<CheckPage> checkPages = List.of();
  List<BackupPage> backupPages = List.of();

  /** What a command did. */
  record Ran(int exit, ByteString bytes, String err) {

    String out() {
      return bytes.toStringUtf8();
    }

    List<String> lines() {
      return out().lines().toList();
    }

    /** Fails unless the command succeeded and said nothing of errors. */
    Ran well() {
      assertEquals("", err);
      assertEquals(0, exit);
      return this;
    }
  }

  CommandFixture(Path scratch) {
    this.scratch = scratch;
  }

  Ran run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    return run(new Output(out, () -> false), out, arguments);
  }

  Ran run(Output output, ByteArrayOutputStream out, String... arguments) {
    StringWriter err = new StringWriter();
    CommandLine line = CairnCommand.commandLine(surroundings(output), Arrays.asList(arguments));
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true));
    int exit = line.execute(arguments);
    return new Ran(exit, ByteString.copyFrom(out.toByteArray()), err.toString());
  }

  Surroundings surroundings(Output output) {
    return new Surroundings(
        new ByteArrayInputStream(input),
        output,
        terminal,
        environment,
        this,
        new LastCluster(scratch.resolve("state")));
  }

  @Override
  public Surroundings.Clusters within(Duration timeout) {
    within = timeout;
    return this;
  }

  @Override
  public Vfs files(Masters master) {
    asked = master;
    return cluster.anotherClient();
  }

  @Override
  public void backup(Masters master, BackupClient.Visitor visitor) throws IOException {
    asked = master;
    for (BackupPage page : backupPages) {
      visitor.visit(page);
    }
  }

  @Override
  public GetStatusReply status(Masters master) throws CairnException {
    asked = master;
    if (status == null) {
      throw ErrorCode.UNREACHABLE.because(master.named() + " cannot be reached");
    }
    return status;
  }

  @Override
  public Servers servers(Masters master) throws CairnException {
    asked = master;
    return servers;
  }

  @Override
  public Leases leases(Masters master) {
    asked = master;
    return leases;
  }

  @Override
  public Trash trash(Masters master) {
    asked = master;
    return trash;
  }

  @Override
  public MasterGroup masters(Masters masters) {
    return new FakeMasters(this);
  }

  @Override
  public void check(Masters master, CheckRequest request, CheckClient.Visitor visitor)
      throws IOException {
    asked = master;
    checkRequest = request;
    for (CheckPage page : checkPages) {
      visitor.visit(page);
    }
  }
}
