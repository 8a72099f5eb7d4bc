/**
 * Looks for what should not be in the metadata, and for replicas that should be and are not.
 *
 * <p>A check reads a snapshot, on a thread of its own, beside all other work. It takes memory for a
 * part of the inodes and chunks at a time, however many there are:
 *
 * <ul>
 *   <li>{@code TreeCheck} walks down from a directory: names, and by {@code ContentCheck} what each
 *       file's extents refer to and where that is. It knows the path of all it finds.
 *   <li>{@code LinkCounts}, {@code ExtentMaps} and {@code ReferenceCounts} count what is counted,
 *       each by going through a whole table once for every million rows of another.
 * </ul>
 *
 * <p>What can be put right without losing anything is, if asked for, by commands that look again at
 * what is there by then ({@link dev.cairn.master.decide.MendDecider}).
 */
package dev.cairn.master.fsck;
