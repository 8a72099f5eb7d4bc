package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds every constant of the protocol against what the C compiler makes of linux/fuse.h. */
class KernelLayoutTest {

  private static final Map<String, String> PREFIXES =
      Map.of(
          "Opcode", "FUSE_",
          "InitFlag", "FUSE_",
          "SetattrField", "FATTR_",
          "OpenReply", "FOPEN_",
          "OpenFlag", "FUSE_OPEN_",
          "WriteFlag", "FUSE_WRITE_",
          "LockFlag", "FUSE_LK_");

  @TempDir Path directory;

  @Test
  void structures_areThoseOfTheKernel() throws Exception {
    Map<String, Integer> ours = new TreeMap<>();
    for (Class<?> structure : KernelLayout.class.getDeclaredClasses()) {
      String name = "struct fuse_" + snakeCase(structure.getSimpleName());
      for (Field field : structure.getDeclaredFields()) {
        String expression =
            field.getName().equals("SIZEOF")
                ? "sizeof(" + name + ")"
                : "offsetof(" + name + ", " + field.getName().toLowerCase(Locale.ROOT) + ")";
        ours.put(expression, field.getInt(null));
      }
    }
    assertEquals(compiled(ours.keySet()), ours);
  }

  @Test
  void numbers_areThoseOfTheKernel() throws Exception {
    Map<String, Integer> ours = new TreeMap<>();
    for (Class<?> numbers : KernelNumbers.class.getDeclaredClasses()) {
      for (Field field : numbers.getDeclaredFields()) {
        ours.put(PREFIXES.get(numbers.getSimpleName()) + field.getName(), field.getInt(null));
      }
    }
    assertEquals(compiled(ours.keySet()), ours);
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("(?<=.)([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** What the C compiler makes of the expressions; skips the test where there is none. */
  private Map<String, Integer> compiled(Iterable<String> expressions) throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/include/linux/fuse.h")), "linux/fuse.h is not there");
    StringBuilder program = new StringBuilder();
    program.append("#include <stddef.h>\n#include <stdio.h>\n#include <linux/fuse.h>\n");
    program.append("int main(void) {\n");
    for (String expression : expressions) {
      program.append("printf(\"%d\\t").append(expression).append("\\n\", (int) ");
      program.append(expression).append(");\n");
    }
    program.append("return 0; }\n");
    Path source = Files.writeString(directory.resolve("layout.c"), program);
    Path binary = directory.resolve("layout");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "gcc is not there");
    run("/usr/bin/gcc", "-o", binary.toString(), source.toString());
    Map<String, Integer> values = new TreeMap<>();
    for (String line : run(binary.toString()).split("\n", 0)) {
      String[] parts = line.split("\t", 2);
      values.put(parts[1], Integer.valueOf(parts[0]));
    }
    return values;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(true, process.waitFor(60, TimeUnit.SECONDS), "the compiler does not end");
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
