package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class StoreSettingsTest {

  @Test
  void theCache_isASixteenthOfTheMemoryWithinBounds() {
    assertEquals(32L << 20, StoreSettings.defaultCacheBytes(256L << 20));
    assertEquals(64L << 20, StoreSettings.defaultCacheBytes(1L << 30));
    assertEquals(256L << 20, StoreSettings.defaultCacheBytes(64L << 30));
  }

  @Test
  void aCacheThatIsTooSmall_isRefused() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new StoreSettings(1 << 20, false, 0));
    assertTrue(e.getMessage().contains("8M"), e.getMessage());
  }
}
