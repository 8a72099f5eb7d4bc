package dev.cairn.rpc.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** The kinds of requests that a port serves. */
public final class Operations {

  private final Map<String, Operation> byName = new TreeMap<>();
  private final IntFunction<String> results;

  /**
   * No kinds yet.
   *
   * @param results names the error with a number
   */
  public Operations(IntFunction<String> results) {
    this.results = results;
  }

  /** The kind with that name, made when it is asked for first. Callers keep it. */
  public synchronized Operation named(String name) {
    return byName.computeIfAbsent(name, key -> new Operation());
  }

  synchronized Map<String, Operation> all() {
    return new TreeMap<>(byName);
  }

  String result(int number) {
    return number == Operation.OK ? "ok" : results.apply(number);
  }
}
