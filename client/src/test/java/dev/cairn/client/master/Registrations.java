package dev.cairn.client.master;

/** Sessions for tests without a master. */
public final class Registrations {

  private Registrations() {}

  public static Registration any() {
    return new Registration(1, 1, 1);
  }
}
