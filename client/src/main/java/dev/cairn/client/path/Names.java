package dev.cairn.client.path;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Names as bytes, as text and as local paths. The text is UTF-8; the byte {@code b} of what is no
 * UTF-8 is the lone surrogate {@code U+DC00 + b}. The JVM's own conversions replace such bytes,
 * which is why local paths are made from and taken apart into URIs: those are by bytes.
 */
public final class Names {

  private static final int ESCAPE = 0xdc00;
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final char REPLACEMENT = '\ufffd';

  private Names() {}

  /** The name as text, from which {@link #bytes} makes the same bytes again. */
  public static String text(ByteString name) {
    if (name.isValidUtf8()) {
      return name.toStringUtf8();
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = name.asReadOnlyByteBuffer();
    CharBuffer out = CharBuffer.allocate(name.size());
    while (in.hasRemaining()) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        for (int i = result.length(); i > 0; i--) {
          out.put((char) (ESCAPE + (in.get() & 0xff)));
        }
      }
    }
    return out.flip().toString();
  }

  /** The bytes of a name that {@link #text} or a user wrote. */
  public static ByteString bytes(String text) {
    ByteString.Output out = ByteString.newOutput(text.length() + 8);
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      if (isEscape(text, i)) {
        write(out, text.substring(plain, i));
        out.write(text.charAt(i) - ESCAPE);
        plain = i + 1;
      }
    }
    write(out, text.substring(plain));
    return out.toByteString();
  }

  private static void write(ByteString.Output out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
  }

  private static boolean isEscape(String text, int i) {
    char c = text.charAt(i);
    return c >= ESCAPE + 0x80
        && c <= ESCAPE + 0xff
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }

  /** The text with everything that would steer a terminal shown as a question mark. */
  public static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c ->
                shown.appendCodePoint(
                    Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                        ? '?'
                        : c));
    return shown.toString();
  }

  /** The text in one line that cannot be mistaken for another name's: with backslash escapes. */
  public static String escaped(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints().forEach(c -> escape(shown, c));
    return shown.toString();
  }

  private static void escape(StringBuilder shown, int c) {
    if (c == '\\') {
      shown.append("\\\\");
    } else if (c == '\n') {
      shown.append("\\n");
    } else if (c == '\t') {
      shown.append("\\t");
    } else if (isControl(c)) {
      for (byte b : bytes(Character.toString(c))) {
        shown.append(String.format("\\x%02x", b));
      }
    } else {
      shown.appendCodePoint(c);
    }
  }

  private static boolean isControl(int c) {
    int type = Character.getType(c);
    return Character.isISOControl(c)
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  /** The local path that the text means. */
  public static Path local(String text) {
    if (isAscii(text)) {
      return Path.of(text);
    }
    String absolute = text.startsWith("/") ? "" : rawPath(Path.of("").toAbsolutePath()) + "/";
    return ofRaw(absolute + percentEscaped(bytes(text)));
  }

  /** The path of a name in a local directory. */
  public static Path local(Path directory, ByteString name) {
    String text = text(name);
    return isAscii(text)
        ? directory.resolve(text)
        : ofRaw(rawPath(directory) + "/" + percentEscaped(name));
  }

  /** The path a local symlink with this target is to have. */
  public static Path localTarget(ByteString target) {
    String text = text(target);
    if (isAscii(text)) {
      return Path.of(text);
    }
    Path absolute = ofRaw("/" + percentEscaped(target));
    return text.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
  }

  /** The last component of a local path; the path must have one. */
  public static ByteString ofFile(Path file) {
    Path name = file.getFileName();
    String text = name.toString();
    return isAscii(text) ? ByteString.copyFromUtf8(text) : relativeBytes(name);
  }

  /** The target of a local symlink. */
  public static ByteString ofTarget(Path target) {
    String text = target.toString();
    if (isAscii(text)) {
      return ByteString.copyFromUtf8(text);
    }
    return target.isAbsolute() ? unescaped(rawPath(target)) : relativeBytes(target);
  }

  /** A local path as text for people and for {@link #local(String)}. */
  public static String ofLocal(Path path) {
    return text(ofTarget(path));
  }

  private static ByteString relativeBytes(Path relative) {
    return unescaped(rawPath(Path.of("/").resolve(relative)).substring(1));
  }

  private static String rawPath(Path path) {
    String raw = path.toUri().getRawPath();
    return raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
  }

  private static Path ofRaw(String rawPath) {
    return Path.of(URI.create("file://" + rawPath));
  }

  private static String percentEscaped(ByteString bytes) {
    StringBuilder raw = new StringBuilder(bytes.size() * 3);
    for (byte b : bytes) {
      boolean plain = b > 0 && (Character.isLetterOrDigit(b) || b == '/');
      if (plain) {
        raw.append((char) b);
      } else {
        raw.append(String.format("%%%02X", b & 0xff));
      }
    }
    return raw.toString();
  }

  private static ByteString unescaped(String raw) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(raw.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /**
   * The process's arguments as text without loss. What the JVM could not decode is read again from
   * /proc, where there is one.
   */
  public static String[] arguments(String[] decoded) throws IOException {
    boolean whole = true;
    for (String argument : decoded) {
      whole &= argument.indexOf(REPLACEMENT) < 0;
    }
    if (whole || !Files.isReadable(COMMAND_LINE)) {
      return decoded;
    }
    List<String> all = new ArrayList<>();
    ByteString line = ByteString.copyFrom(Files.readAllBytes(COMMAND_LINE));
    for (int start = 0; start < line.size(); ) {
      int end = start;
      while (end < line.size() && line.byteAt(end) != 0) {
        end++;
      }
      all.add(text(line.substring(start, end)));
      start = end + 1;
    }
    int first = all.size() - decoded.length;
    return first < 0 ? decoded : all.subList(first, all.size()).toArray(new String[0]);
  }
}
