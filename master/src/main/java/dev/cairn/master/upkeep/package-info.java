/**
 * What happens by the clock, on one timer thread: sessions and chunk servers that have fallen
 * silent are given up, and what nothing needs any longer is taken apart step by step, each step a
 * command of its own so that requests come in between.
 */
package dev.cairn.master.upkeep;
