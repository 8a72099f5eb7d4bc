package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.GrantRange;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import org.junit.jupiter.api.Test;

final class LiveGrantsTest {

  private static final int IDS = 65_536;

  private final LiveGrants grants = new LiveGrants();

  private static Grant grant(long first, int count, int unsealed) {
    return Grant.newBuilder()
        .setSession(1)
        .setFirst(first)
        .setCount(count)
        .setUnsealed(unsealed)
        .build();
  }

  @Test
  void chunksThatAreNotSealed_areBoundedForEachSession() throws Exception {
    long first = 1;
    while (grants.count(1) < LiveGrants.MOST_CHUNKS_OF_SESSION) {
      grants.checkMayGrant(1, IDS);
      grants.written(grant(first, IDS, IDS));
      first += IDS;
    }
    CairnException refused = assertThrows(CairnException.class, () -> grants.checkMayGrant(1, 1));
    assertEquals(ErrorCode.NO_SPACE, refused.code());
    grants.checkMayGrant(2, IDS);
    grants.written(grant(1, IDS, IDS - 3));
    grants.checkMayGrant(1, 3);
    grants.removed(GrantRange.newBuilder().setSession(1).setFirst(1).setCount(IDS).build());
    grants.checkMayGrant(1, IDS);
  }

  @Test
  void grants_areBoundedForEachSession() throws Exception {
    for (int i = 0; i < LiveGrants.MOST_GRANTS_OF_SESSION; i++) {
      grants.checkMayGrant(1, 1);
      grants.written(grant(1 + i, 1, 1));
    }
    assertThrows(CairnException.class, () -> grants.checkMayGrant(1, 1));
  }
}
