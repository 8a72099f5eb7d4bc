package dev.cairn.rpc;

/** What others sent as text for people: cut, and without what would break a line of a log. */
public final class ShownText {

  private ShownText() {}

  /** The text as one line of at most that many characters. */
  public static String of(String text, int mostCharacters) {
    String start = text.substring(0, Math.min(text.length(), mostCharacters));
    return start.replaceAll("\\p{Cntrl}", "?");
  }
}
