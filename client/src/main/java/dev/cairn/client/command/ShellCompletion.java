package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What may stand at a place of the shell's line: commands, a command's options, and paths in the
 * cluster or, for put and get, on this machine.
 */
final class ShellCompletion implements Completer {

  private static final Logger LOG = LoggerFactory.getLogger(ShellCompletion.class);
  private static final Set<String> SUBJECTLESS =
      Set.of(
          "up",
          "down",
          "status",
          "df",
          "servers",
          "drain",
          "undrain",
          "forget",
          "maintenance",
          "scrub",
          "resume-deletions");

  private final Surroundings around;

  ShellCompletion(Surroundings around) {
    this.around = around;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    List<String> before = line.words().subList(0, line.wordIndex());
    String begun = line.word().substring(0, line.wordCursor());
    candidates.addAll(candidates(before, begun));
  }

  /**
   * What a word may become.
   *
   * @param before the words in front of it
   * @param begun what is written of it
   */
  List<Candidate> candidates(List<String> before, String begun) {
    List<String> words = new ArrayList<>(before);
    if (!words.isEmpty()) {
      words.set(0, ShellCommand.OTHER_WORDS.getOrDefault(words.get(0), words.get(0)));
    }
    if (words.size() == 1 && words.get(0).equals(ShellCommand.HELP)) {
      words.clear();
    }
    CommandLine command = CairnCommand.commandLine(around, words);
    int known = 0;
    while (known < words.size() && command.getSubcommands().containsKey(words.get(known))) {
      command = command.getSubcommands().get(words.get(known++));
    }
    List<Candidate> found = new ArrayList<>();
    if (begun.startsWith("-")) {
      options(command, found);
    } else if (known == words.size() && !command.getSubcommands().isEmpty()) {
      command.getSubcommands().keySet().forEach(name -> found.add(new Candidate(name)));
      if (before.isEmpty()) {
        ShellCommand.OTHER_WORDS.keySet().forEach(name -> found.add(new Candidate(name)));
        ShellCommand.EXITS.forEach(name -> found.add(new Candidate(name)));
        found.add(new Candidate(ShellCommand.HELP));
      }
    } else if (known > 0 && !SUBJECTLESS.contains(words.get(0))) {
      paths(words, begun, found);
    }
    return found;
  }

  private static void options(CommandLine command, List<Candidate> found) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      String what = String.join(" ", option.description());
      found.add(
          new Candidate(option.longestName(), option.longestName(), null, what, null, null, true));
    }
  }

  private void paths(List<String> words, String begun, List<Candidate> found) {
    boolean first = words.stream().skip(1).allMatch(word -> word.startsWith("-"));
    String name = words.get(0);
    boolean here = name.equals("put") || (name.equals("get") && !first);
    boolean there = !name.equals("put") || !first;
    try {
      if (here) {
        local(begun, there ? "on this machine" : null, found);
      }
      if (there) {
        inCluster(begun, here ? "in the cluster" : null, found);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Nothing can be offered for a path that is not there, or when there is no master.
      LOG.debug("no completion of {}", begun, e);
    }
  }

  private void local(String begun, String group, List<Candidate> found) throws IOException {
    String directory = directory(begun);
    Path path = Names.local(directory.isEmpty() ? "." : directory);
    if (!Files.isDirectory(path)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        offer(directory, begun, Names.ofFile(entry), Files.isDirectory(entry), group, found);
      }
    }
  }

  private void inCluster(String begun, String group, List<Candidate> found) throws IOException {
    String directory = directory(begun);
    try (Vfs vfs = new MasterOption(around).files()) {
      Tree tree = new Tree(vfs);
      tree.list(
          tree.resolve(directory.isEmpty() ? "/" : directory),
          entry -> {
            boolean isDirectory = entry.type() == FileType.DIRECTORY;
            offer(directory, begun, entry.name(), isDirectory, group, found);
          });
    }
  }

  private static void offer(
      String directory,
      String begun,
      ByteString name,
      boolean isDirectory,
      String group,
      List<Candidate> found) {
    String text = Names.text(name);
    String value = directory + text;
    boolean hidden = text.startsWith(".") && begun.equals(directory);
    if (value.startsWith(begun) && !hidden) {
      String shown = Names.printable(text) + (isDirectory ? "/" : "");
      found.add(
          new Candidate(
              isDirectory ? value + "/" : value, shown, group, null, null, null, !isDirectory));
    }
  }

  /** What is before the last component, with its slash. */
  private static String directory(String begun) {
    return begun.substring(0, begun.lastIndexOf('/') + 1);
  }
}
