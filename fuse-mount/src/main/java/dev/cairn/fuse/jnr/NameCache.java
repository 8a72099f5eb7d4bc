package dev.cairn.fuse.jnr;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What names pointed at a moment ago: a bounded memory that trusts an entry no longer than the
 * kernel does. Names that do not exist are not remembered.
 *
 * <p>A lookup and a change of the same name by this mount may overlap: the lookup's answer may be
 * older than the change and must not be remembered after it. So a lookup takes a {@link #stamp}
 * before it asks, and what it learns is dropped if a name of that directory was changed since
 * (directories share {@value #STRIPES} counters of changes). All methods may be called from any
 * thread.
 */
final class NameCache {

  private static final int STRIPES = 64;
  private static final int MOST_NAMES = 16_384;

  /** What a name points at. */
  record Target(long inode, boolean directory) {}

  private record Cached(Target target, long expiresNanos) {}

  private final long lifeNanos;
  private final LongSupplier nanoClock;
  private final long[] changes = new long[STRIPES];
  private final Map<Place, Cached> entries =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Cached> eldest) {
          return size() > MOST_NAMES;
        }
      };

  NameCache(long lifeNanos, LongSupplier nanoClock) {
    this.lifeNanos = lifeNanos;
    this.nanoClock = nanoClock;
  }

  /** Taken before a lookup that may be remembered. */
  record Stamp(long changes, long expiresNanos) {}

  synchronized Stamp stamp(long parent) {
    return new Stamp(changes[stripe(parent)], nanoClock.getAsLong() + lifeNanos);
  }

  /** What the name points at, or null when that is not known well enough. */
  synchronized Target get(Place place) {
    Cached entry = entries.get(place);
    if (entry == null) {
      return null;
    }
    if (entry.expiresNanos - nanoClock.getAsLong() <= 0) {
      entries.remove(place);
      return null;
    }
    return entry.target;
  }

  /** Remembers what a lookup found. */
  synchronized void found(Place place, Target target, Stamp stamp) {
    if (lifeNanos > 0 && stamp.changes == changes[stripe(place.parent())]) {
      entries.put(place, new Cached(target, stamp.expiresNanos));
    }
  }

  /** Remembers what this mount made: nobody else of this mount changes that name meanwhile. */
  synchronized void made(Place place, Target target) {
    changes[stripe(place.parent())]++;
    if (lifeNanos > 0) {
      entries.put(place, new Cached(target, nanoClock.getAsLong() + lifeNanos));
    }
  }

  /** Forgets a name; answers what it pointed at, as far as that was known. */
  synchronized Target removed(Place place) {
    changes[stripe(place.parent())]++;
    Cached entry = entries.remove(place);
    return entry == null ? null : entry.target;
  }

  /** Forgets what a lookup has shown to be wrong. */
  synchronized void forget(Place place) {
    entries.remove(place);
  }

  synchronized void clear() {
    entries.clear();
  }

  private static int stripe(long parent) {
    return Long.hashCode(parent) & (STRIPES - 1);
  }
}
