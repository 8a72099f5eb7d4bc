/**
 * The command line {@code cairn}: one class per subcommand, wired in {@link
 * dev.cairn.client.command.CairnCommand}. {@code master}, {@code chunkserver}, {@code mount} and
 * {@code umount} are commands of other modules; the launcher {@code scripts/cairn} starts those
 * itself.
 *
 * <p>A command reads and writes the streams of its {@link dev.cairn.client.command.Surroundings}
 * and reaches clusters through them, so that tests run the same commands over a filesystem in
 * memory. Exit codes are 0, 1 (something failed, said in one line each) and 2 (usage); a reader
 * that goes away ({@code cairn cat f | head}) ends the command quietly with 141, as SIGPIPE would.
 *
 * <p>The cluster a command talks to is the one of {@code --master}, else of the environment's
 * {@code CAIRN_MASTER}, else the one {@code cairn up} started last for this user.
 */
package dev.cairn.client.command;
