package dev.cairn.client.command;

import dev.cairn.client.cluster.Servers;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has chunk servers check all their chunks. */
@Command(
    name = "scrub",
    description = {
      "Have chunk servers read and check all their chunks, and wait until they have.",
      "They do so by themselves every 14 days (chunkserver --scrub-period). 'cairn servers' shows"
          + " when they last had, and how far they are; 'cairn status' what was found damaged."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn scrub                      all servers, with the bandwidth checking may have",
      "  cairn scrub --now 2              server 2, as fast as its disks can",
      "  cairn scrub --no-wait 10.0.0.7:9421"
    })
final class ScrubCommand implements Callable<Integer> {

  private static final long POLL_MILLIS = 300;

  @Mixin private MasterOption master;

  @Option(names = "--now", description = "As fast as the disks can.")
  private boolean now;

  @Option(names = "--no-wait", description = "Only ask for it.")
  private boolean noWait;

  @Parameters(
      arity = "0..*",
      paramLabel = "SERVER",
      description = "Numbers or HOST:PORT, as 'cairn servers' shows them; without: all that live.")
  private List<String> servers = List.of();

  private final Surroundings around;

  ScrubCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Servers client = master.clusters().servers(master.masters())) {
      ScrubRequest request =
          ScrubRequest.newBuilder().addAllServerIds(numbers(client)).setFullSpeed(now).build();
      ScrubReply asked = client.scrub(request);
      int exit = noWait ? CommandRunner.OK : await(client, asked);
      around.out().flush();
      return exit;
    }
  }

  private List<Integer> numbers(Servers client) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    if (!servers.isEmpty()) {
      List<ChunkServerStatus> all = client.status().getServersList();
      for (String server : servers) {
        numbers.add(ServerCommand.named(server, all).getServerId());
      }
    }
    return numbers;
  }

  private int await(Servers client, ScrubReply asked) throws IOException, InterruptedException {
    List<Integer> waiting = new ArrayList<>(asked.getServerIdsList());
    int exit = CommandRunner.OK;
    while (!waiting.isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      for (ChunkServerStatus server : client.status().getServersList()) {
        Integer id = server.getServerId();
        boolean done = server.getScrub().getRequest() >= asked.getRequest();
        if (waiting.contains(id) && (done || !server.getAlive())) {
          waiting.remove(id);
          around.out().line("chunk server " + id + (done ? ": all chunks checked" : ": died"));
          exit = done ? exit : CommandRunner.FAILED;
        }
      }
    }
    return exit;
  }
}
