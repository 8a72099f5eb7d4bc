package dev.cairn.rpc.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import dev.cairn.rpc.proto.WrittenChunk;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class MethodBoundsTest {

  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          SessionServiceGrpc.getServiceDescriptor(),
          NamespaceServiceGrpc.getServiceDescriptor(),
          FileServiceGrpc.getServiceDescriptor(),
          LockServiceGrpc.getServiceDescriptor(),
          LeaseServiceGrpc.getServiceDescriptor(),
          ChunkServerServiceGrpc.getServiceDescriptor(),
          ClusterServiceGrpc.getServiceDescriptor(),
          TrashServiceGrpc.getServiceDescriptor());

  @Test
  void everyMethodWithBoundsOfItsOwn_isThere() {
    Set<String> methods =
        SERVICES.stream()
            .flatMap(service -> service.getMethods().stream())
            .map(method -> method.getFullMethodName())
            .collect(Collectors.toSet());
    MethodBounds.named().forEach(name -> assertTrue(methods.contains(name), name));
    assertEquals(64 << 10, MethodBounds.of("cairn.NamespaceService/Lookup").mostBytes());
  }

  @Test
  void theLargestCommit_fits() {
    CommitRequest.Builder commit = CommitRequest.newBuilder();
    for (int i = 0; i < 8192; i++) {
      long chunk = (1L << 44) + i;
      commit.addExtents(
          Extent.newBuilder().setFileOffset(1L << 50).setLength(1 << 30).setChunkId(chunk));
      commit.addChunks(
          WrittenChunk.newBuilder()
              .setChunkId(chunk)
              .addAllServerIds(List.of(300, 301, 302, 303))
              .setLength(1 << 30)
              .setSealed(true)
              .setReplicas(4));
    }
    assertFits(
        commit.build().getSerializedSize(), FileServiceGrpc.getCommitMethod().getFullMethodName());
  }

  @Test
  void everyOpenFileOfAClient_fits() {
    KeepAliveRequest.Builder back = KeepAliveRequest.newBuilder();
    for (long inode = 1; inode <= 65_536 + 4096; inode++) {
      back.addOpenInodes((1L << 48) + inode).addWrittenInodes((1L << 48) + inode);
    }
    assertFits(
        back.build().getSerializedSize(),
        SessionServiceGrpc.getKeepAliveMethod().getFullMethodName());
  }

  private static void assertFits(int bytes, String method) {
    int most = MethodBounds.of(method).mostBytes();
    assertTrue(bytes < most, "%d bytes of %d".formatted(bytes, most));
  }
}
