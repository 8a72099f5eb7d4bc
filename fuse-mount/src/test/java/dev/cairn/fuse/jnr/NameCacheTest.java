package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.cairn.fuse.jnr.NameCache.Stamp;
import dev.cairn.fuse.jnr.NameCache.Target;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class NameCacheTest {

  private static final Place PLACE = new Place(1, ByteString.copyFromUtf8("a"));
  private static final Target FILE = new Target(5, false);

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 50);
  private final NameCache cache = new NameCache(100, clock::get);

  @Test
  void found_isKnownUntilItsTimeIsOver_evenIfTheClockOverflows() {
    cache.found(PLACE, FILE, cache.stamp(1));
    clock.addAndGet(99);
    assertEquals(FILE, cache.get(PLACE));
    clock.addAndGet(1);
    assertNull(cache.get(PLACE));
  }

  @Test
  void found_ageBeginsWhenItWasAskedFor() {
    Stamp stamp = cache.stamp(1);
    clock.addAndGet(100);
    cache.found(PLACE, FILE, stamp);
    assertNull(cache.get(PLACE));
  }

  @Test
  void found_afterTheNameWasRemovedMeanwhile_isDropped() {
    Stamp stamp = cache.stamp(1);
    cache.removed(PLACE);
    cache.found(PLACE, FILE, stamp);
    assertNull(cache.get(PLACE));
  }

  @Test
  void found_afterTheNameWasMadeMeanwhile_doesNotReplaceIt() {
    Stamp stamp = cache.stamp(1);
    cache.made(PLACE, FILE);
    cache.found(PLACE, new Target(4, false), stamp);
    assertEquals(FILE, cache.get(PLACE));
  }

  @Test
  void removed_answersWhatWasThere() {
    cache.made(PLACE, FILE);
    assertEquals(FILE, cache.removed(PLACE));
    assertNull(cache.removed(PLACE));
  }

  @Test
  void made_withoutCaching_isNotRemembered() {
    NameCache none = new NameCache(0, clock::get);
    none.made(PLACE, FILE);
    none.found(PLACE, FILE, none.stamp(1));
    assertNull(none.get(PLACE));
  }

  @Test
  void cache_isBounded() {
    for (int i = 0; i < 100_000; i++) {
      cache.made(new Place(i, PLACE.name()), FILE);
    }
    assertNull(cache.get(new Place(0, PLACE.name())));
    assertEquals(FILE, cache.get(new Place(99_999, PLACE.name())));
  }
}
