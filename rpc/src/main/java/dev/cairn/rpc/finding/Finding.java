package dev.cairn.rpc.finding;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something about a cluster that its operator should know.
 *
 * @param code names the kind for scripts, in words with hyphens; never changes its meaning
 * @param sentence what is the matter, and where
 * @param action what to do about it
 */
public record Finding(String code, Severity severity, String sentence, String action) {

  /** How bad it is, the worst last; each knows the exit code of a command that found it. */
  public enum Severity {
    /** Worth knowing, and meant to be so. */
    NOTICE("notice", 0),
    /** All data is there; something failed, is about to, or is less safe than it should be. */
    DEGRADED("degraded", 1),
    /** Some data cannot be read, or nothing can be written. */
    UNAVAILABLE("unavailable", 3);

    private final String word;
    private final int exitCode;

    Severity(String word, int exitCode) {
      this.word = word;
      this.exitCode = exitCode;
    }

    public String word() {
      return word;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  public static Finding notice(String code, String sentence, String action) {
    return new Finding(code, Severity.NOTICE, sentence, action);
  }

  public static Finding degraded(String code, String sentence, String action) {
    return new Finding(code, Severity.DEGRADED, sentence, action);
  }

  public static Finding unavailable(String code, String sentence, String action) {
    return new Finding(code, Severity.UNAVAILABLE, sentence, action);
  }

  /** One line for people. */
  public String line() {
    return severity.word() + "  " + code + ": " + sentence + ": " + action;
  }

  /** What scripts get of it. */
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("code", code);
    facts.put("severity", severity.word());
    facts.put("message", sentence);
    facts.put("action", action);
    return facts;
  }
}
