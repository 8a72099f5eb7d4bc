package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What libfuse and the programs it starts write to the standard error while it mounts: there alone
 * they say why a mount failed. The process's descriptor 2 goes to a file meanwhile; lines of others
 * that come in between are passed on afterwards.
 */
final class NativeErrors {

  private static final int STANDARD_ERROR = 2;
  private static final String NAME = "cairn-mount-XXXXXX";
  private static final Pattern OF_FUSE =
      Pattern.compile("^(fuse|fusermount3?|mount_\\w+|mount|cairn): .*");

  private final LibC libc;

  NativeErrors(LibC libc) {
    this.libc = libc;
  }

  /** Runs something and answers what libfuse said meanwhile, in one line; empty for nothing. */
  String during(Runnable work) throws IOException {
    synchronized (NativeErrors.class) {
      Path file = redirected(work);
      try {
        return sorted(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
      } finally {
        Files.delete(file);
      }
    }
  }

  private Path redirected(Runnable work) throws IOException {
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    try (NativeString name = new NativeString(directory.resolve(NAME).toString())) {
      int target = libc.mkstemp(name.address());
      if (target < 0) {
        throw new IOException("cannot make a temporary file in " + directory);
      }
      swapped(target, work);
      byte[] made = MemoryIO.getInstance().getZeroTerminatedByteArray(name.address());
      return directory.resolve(
          new String(made, made.length - NAME.length(), NAME.length(), StandardCharsets.US_ASCII));
    }
  }

  private void swapped(int target, Runnable work) {
    int original = libc.dup(STANDARD_ERROR);
    libc.dup2(target, STANDARD_ERROR);
    libc.close(target);
    try {
      work.run();
    } finally {
      if (original >= 0) {
        libc.dup2(original, STANDARD_ERROR);
        libc.close(original);
      }
    }
  }

  private static String sorted(List<String> lines) {
    lines.stream().filter(line -> !OF_FUSE.matcher(line).matches()).forEach(System.err::println);
    return lines.stream()
        .filter(line -> OF_FUSE.matcher(line).matches())
        .collect(Collectors.joining("; "));
  }
}
