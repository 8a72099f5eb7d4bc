package dev.cairn.rpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, as the build has written it into a resource. */
public final class Version {

  private static final String FILE = "version.properties";
  private static final String NUMBER = read();

  private Version() {}

  /** Like {@code 0.2.0}, or {@code 0.2.0+1a2b3c4} with the commit where the build knew it. */
  public static String number() {
    return NUMBER;
  }

  private static String read() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(FILE)) {
      Check.that(in != null, "%s is missing in this build", FILE);
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FILE, e);
    }
    String commit = properties.getProperty("commit", "");
    return properties.getProperty("version") + (commit.isEmpty() ? "" : "+" + commit);
  }
}
