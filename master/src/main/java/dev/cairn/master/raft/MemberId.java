package dev.cairn.master.raft;

import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * Who a member is: its addresses, and a random word that was made with its directory. A master that
 * has lost its directory has lost its votes and what it promised to keep, and so is another one.
 */
public record MemberId(String word, Peer peer) {

  private static final String FILE = "MEMBER";
  private static final int WORD_LENGTH = 12;

  /** The member that a directory belongs to, which is made if it is not there. */
  public static MemberId in(Path directory, Peer peer) throws IOException {
    DurableFile.createDirectories(directory);
    Path file = directory.resolve(FILE);
    String word = Files.exists(file) ? Files.readString(file).strip() : "";
    if (word.isEmpty()) {
      word = UUID.randomUUID().toString().replace("-", "").substring(0, WORD_LENGTH);
      DurableFile.write(file, word + "\n");
    }
    return new MemberId(word, peer);
  }

  /** A member as it says itself who it is. */
  public static MemberId of(String word, String control, String raft) {
    return new MemberId(word, new Peer(HostPort.parsePeer(control), HostPort.parsePeer(raft)));
  }

  static MemberId of(RaftPeer peer) {
    return of(peer.getId().toString(), peer.getClientAddress(), peer.getAddress());
  }

  /** Its control address. */
  public String address() {
    return peer.control().toString();
  }

  RaftPeerId peerId() {
    return RaftPeerId.valueOf(word);
  }

  RaftPeer raftPeer() {
    return RaftPeer.newBuilder()
        .setId(peerId())
        .setAddress(peer.raft().toString())
        .setClientAddress(address())
        .build();
  }
}
