package dev.cairn.client.local;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How a local cluster is to be started.
 *
 * @param masterPortFixed the user named the master's port: no other one will do
 * @param within how long processes that live may take until they work
 * @param saying is told in a sentence what takes long, or is not as before
 */
public record StartPolicy(boolean masterPortFixed, Duration within, Consumer<String> saying) {}
