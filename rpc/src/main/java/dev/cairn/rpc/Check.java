package dev.cairn.rpc;

import com.google.errorprone.annotations.FormatMethod;

/**
 * Invariants that stay on in production: what fails here is a bug of ours, never a caller's input.
 */
public final class Check {

  private Check() {}

  /**
   * Throws an {@link IllegalStateException} with the formatted message unless the condition holds.
   */
  @FormatMethod
  public static void that(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new IllegalStateException(String.format(format, arguments));
    }
  }
}
