package dev.cairn.master.store;

/** The tables as they were at one moment. To be closed. */
public interface Snapshot extends Tables, AutoCloseable {

  @Override
  void close();
}
