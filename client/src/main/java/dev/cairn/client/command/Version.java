package dev.cairn.client.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version the build has written into the jar. */
final class Version implements IVersionProvider {

  private static final String FILE = "/META-INF/maven/dev.cairn/client/pom.properties";

  @Override
  public String[] getVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(FILE)) {
      if (in != null) {
        properties.load(in);
      }
    }
    return new String[] {"cairn " + properties.getProperty("version", "(not from a jar)")};
  }
}
