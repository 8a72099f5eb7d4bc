/**
 * The lists of the master's metrics: of the process itself, and of the cluster as the answer to
 * {@code GetStatus} has it. Findings are counted by the code that {@code cairn status} shows them
 * with. A scrape asks for the status once, on the thread of operators' questions.
 */
package dev.cairn.master.metrics;
