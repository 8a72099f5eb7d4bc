package dev.cairn.master.query;

/** What does not change while a master runs. */
public record ClusterFacts(
    String clusterId, String version, String address, long incarnation, long startTicks) {}
