package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.SessionRoom;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.OpenSessionRequest;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a session, if need be in place of one that holds nothing. */
public final class OpenSession implements Command<OpenSession.Opened> {

  private static final Logger log = LoggerFactory.getLogger(OpenSession.class);

  /**
   * What was done.
   *
   * @param ended the session that had to end for it; null when there was room
   */
  public record Opened(Session session, LiveSession ended) {}

  private final SessionRoom room;
  private final OpenSessionRequest request;
  private final String address;
  private final long epoch;

  /**
   * Makes the command.
   *
   * @param address of the client
   * @param epoch of the session: a random number that cannot be guessed
   */
  public OpenSession(SessionRoom room, OpenSessionRequest request, String address, long epoch) {
    this.room = room;
    this.request = request;
    this.address = address;
    this.epoch = epoch;
  }

  @Override
  public Decision<Opened> decide(MetadataView view, long now) throws CairnException {
    LiveSession ended = room.expendable(address, session -> view.session(session) == null);
    List<Record> records = new ArrayList<>();
    if (ended != null) {
      records.addAll(SessionDecider.end(view, ended.id()).records());
    }
    Decision<Session> opened =
        SessionDecider.open(view, request.getDescription(), request.getUser(), epoch);
    records.addAll(opened.records());
    return new Decision<>(records, new Opened(opened.reply(), ended));
  }

  @Override
  public void granted(Opened opened) {
    if (opened.ended() != null) {
      log.warn(
          "session {} of {} ends: there are as many as there may be, and it holds nothing",
          opened.ended().id(),
          opened.ended().description());
    }
  }
}
