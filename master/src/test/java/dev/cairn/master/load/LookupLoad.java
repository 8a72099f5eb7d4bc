package dev.cairn.master.load;

import com.google.protobuf.ByteString;
import dev.cairn.master.Founder;
import dev.cairn.master.Founding;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.store.StoreSettings;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Shows whether a look-up costs the same however many files there are. It fills tables with files,
 * 1,000 to a directory, and at each number it is given measures look-ups of random names, one after
 * the other, for ten seconds. Look-ups for a second of processor time are comparable while other
 * processes run, too.
 *
 * <pre>scripts/lookup-bench DIR 64M 400000 3000000 10000000</pre>
 */
public final class LookupLoad {

  private static final int FILES_PER_DIRECTORY = 1000;
  private static final int FILES_PER_BATCH = 500;
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long FIRST_DIRECTORY = 1L << 40;
  private static final long FIRST_FILE = 1L << 20;

  private final RocksStore store;
  private final Random random = new Random(1);
  private long files;

  private LookupLoad(RocksStore store) {
    this.store = store;
  }

  /** Takes a directory that is made, the cache's size, and numbers of files that ascend. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    StoreSettings settings = new StoreSettings(SizeInBytes.parse(arguments[1]), false, 0);
    List<Long> numbers = new ArrayList<>();
    Arrays.stream(arguments).skip(2).map(Long::parseLong).forEach(numbers::add);
    try (RocksStore store = RocksStore.open(directory, settings)) {
      String unused = Founding.found(store, new StoreLog(store), "lookup-load", Founder.ROOT, 1);
      LookupLoad load = new LookupLoad(store);
      for (long number : numbers) {
        load.fillTo(number);
        load.measure();
      }
    }
  }

  private void fillTo(long number) throws IOException {
    long begin = System.nanoTime();
    long before = files;
    Overlay overlay = new Overlay(store);
    StateMachine machine = new StateMachine(overlay);
    while (files < number) {
      create(machine, files);
      files++;
      if (files % FILES_PER_BATCH == 0 || files == number) {
        store.write(overlay);
        overlay.clear();
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf("%,d files: filled %,.0f a second%n", files, (files - before) / seconds);
  }

  private static void create(StateMachine machine, long file) {
    long directory = FIRST_DIRECTORY + file / FILES_PER_DIRECTORY;
    if (file % FILES_PER_DIRECTORY == 0) {
      machine.apply(inode(directory, FileType.DIRECTORY, MetadataView.ROOT));
    }
    machine.apply(inode(FIRST_FILE + file, FileType.REGULAR, directory));
    Dentry.Builder dentry =
        Dentry.newBuilder()
            .setParent(directory)
            .setName(name(file))
            .setInode(FIRST_FILE + file)
            .setType(FileType.REGULAR);
    machine.apply(Record.newBuilder().setDentryWritten(dentry).build());
  }

  private static Record inode(long number, FileType type, long parent) {
    Attributes attributes =
        Attributes.newBuilder()
            .setInode(number)
            .setType(type)
            .setPermissions(0644)
            .setLinks(1)
            .setSize(number % 100_000)
            .setAtime(1_700_000_000_000_000_000L + number)
            .setMtime(1_700_000_000_000_000_000L + number)
            .setCtime(1_700_000_000_000_000_000L + number)
            .setDataVersion(1)
            .build();
    return Record.newBuilder()
        .setInodeCreated(Inode.newBuilder().setAttributes(attributes).setParent(parent))
        .build();
  }

  private static ByteString name(long file) {
    return ByteString.copyFromUtf8("file-" + file * 2_654_435_761L % 1_000_000_007 + "-" + file);
  }

  private void measure() throws IOException {
    long unused = lookUpFor(WARM_UP_NANOS);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = System.nanoTime();
    long beginProcessor = threads.getCurrentThreadCpuTime();
    long count = lookUpFor(MEASURED_NANOS);
    double seconds = (System.nanoTime() - begin) / 1e9;
    double processorSeconds = (threads.getCurrentThreadCpuTime() - beginProcessor) / 1e9;
    System.out.printf(
        "%,d files: %,.0f look-ups a second, %,.0f a second of processor time, %s resident%n",
        files, count / seconds, count / processorSeconds, resident());
  }

  private long lookUpFor(long nanos) {
    MetadataView view = new MetadataView(store);
    long end = System.nanoTime() + nanos;
    long count = 0;
    while (System.nanoTime() < end) {
      long file = random.nextLong(files);
      Dentry found = view.dentry(FIRST_DIRECTORY + file / FILES_PER_DIRECTORY, name(file));
      if (found == null || view.inode(found.getInode()) == null) {
        throw new IllegalStateException("file " + file + " is not there");
      }
      count++;
    }
    return count;
  }

  /** See proc(5). */
  private static String resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("?");
  }
}
