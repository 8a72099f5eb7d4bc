package dev.cairn.rpc;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** Takes paths apart. */
public final class PathComponents {

  private PathComponents() {}

  /** The components of a path, empty ones left out. */
  public static List<ByteString> of(ByteString path) {
    List<ByteString> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.size(); i++) {
      if (i == path.size() || path.byteAt(i) == '/') {
        if (i > start) {
          components.add(path.substring(start, i));
        }
        start = i + 1;
      }
    }
    return components;
  }
}
