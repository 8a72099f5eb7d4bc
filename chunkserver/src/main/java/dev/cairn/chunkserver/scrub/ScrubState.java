package dev.cairn.chunkserver.scrub;

/**
 * Where scrubbing is. Times are nanoseconds since 1970.
 *
 * @param passBegan when this pass began
 * @param next the first chunk of this pass that is not checked yet
 * @param complete whether this pass is over, and the next one waits for its time
 * @param lastPassEnded when a pass was complete last; 0: never
 * @param request the number of the last pass that was asked for and is complete
 */
record ScrubState(long passBegan, long next, boolean complete, long lastPassEnded, long request) {

  ScrubState beginning(long now) {
    return new ScrubState(now, 0, false, lastPassEnded, request);
  }

  ScrubState at(long chunk) {
    return new ScrubState(passBegan, chunk, false, lastPassEnded, request);
  }

  ScrubState ended(long now, long answered) {
    return new ScrubState(passBegan, next, true, now, Math.max(request, answered));
  }

  String toLine() {
    return passBegan + " " + next + " " + complete + " " + lastPassEnded + " " + request + "\n";
  }

  /** Reads a line; null when it is not one. */
  static ScrubState ofLine(String line) {
    String[] words = line.strip().split(" ", -1);
    try {
      return words.length == 5
          ? new ScrubState(
              Long.parseLong(words[0]),
              Long.parseLong(words[1]),
              Boolean.parseBoolean(words[2]),
              Long.parseLong(words[3]),
              Long.parseLong(words[4]))
          : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
