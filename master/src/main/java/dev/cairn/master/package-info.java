/**
 * The master: names, attributes, extents, sessions, and which chunk server holds what. Here are the
 * command, its settings, and the wiring; each part explains itself in its package: requests come in
 * through {@code service}, questions are answered by {@code query}, changes are decided in {@code
 * decide}, put in order and recorded by {@code log}, applied by {@code state}, kept by {@code
 * store}; {@code session} and {@code fleet} are what is known in memory only, {@code upkeep} is
 * what the clock does.
 */
package dev.cairn.master;
