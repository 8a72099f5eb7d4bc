package dev.cairn.master.decide;

import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random operations on the decision core do what they do to a model. */
@Timeout(120)
final class ModelTest {

  private static final int STEPS = 1500;

  @TempDir Path directory;

  @Test
  void randomOperations_inMemory_matchTheModel() throws IOException {
    long first = System.nanoTime();
    for (long seed = first; seed < first + 12; seed++) {
      run(seed, new MemoryStore());
    }
  }

  @Test
  void randomOperations_inRocksDb_matchTheModel() throws IOException {
    try (Store store = RocksStore.open(directory)) {
      run(System.nanoTime(), store);
    }
  }

  private static void run(long seed, Store store) throws IOException {
    int step = 0;
    try {
      DecisionCore core = new DecisionCore(store);
      RandomOperations operations = new RandomOperations(seed, core);
      Random batches = new Random(seed);
      for (step = 0; step < STEPS; step++) {
        operations.step();
        if (batches.nextInt(20) == 0) {
          core.write();
        }
        if (batches.nextInt(40) == 0) {
          operations.check();
        }
      }
      operations.check();
    } catch (AssertionError | RuntimeException | IOException e) {
      throw new AssertionError("seed " + seed + ", step " + step + ": " + e, e);
    }
  }
}
