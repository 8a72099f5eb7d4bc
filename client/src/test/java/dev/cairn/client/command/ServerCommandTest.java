package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which server a word on the command line means. */
final class ServerCommandTest {

  private static ChunkServerStatus server(int id, String host, boolean alive) {
    return ChunkServerStatus.newBuilder()
        .setServerId(id)
        .setHost(host)
        .setDataPort(9421)
        .setAlive(alive)
        .build();
  }

  private static final List<ChunkServerStatus> ALL =
      List.of(server(1, "a", true), server(2, "b", false), server(3, "b", true));

  @Test
  void aNumberOrAnAddress_isAServer_andTheLivingOneOfTwo() throws CairnException {
    assertEquals(1, ServerCommand.named("1", ALL).getServerId());
    assertEquals(1, ServerCommand.named("a:9421", ALL).getServerId());
    assertEquals(3, ServerCommand.named("b:9421", ALL).getServerId());
    CairnException e = assertThrows(CairnException.class, () -> ServerCommand.named("c:9421", ALL));
    assertEquals("there is no chunk server c:9421: see 'cairn servers'", e.getMessage());
  }
}
