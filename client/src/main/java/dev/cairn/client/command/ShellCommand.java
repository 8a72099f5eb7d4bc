package dev.cairn.client.command;

import dev.cairn.rpc.Masters;
import dev.cairn.rpc.command.CommandRunner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Reads commands line by line and runs each as if it had been given to {@code cairn}. At a terminal
 * with a prompt, a history and completion, and with Ctrl-C for the command, not for the shell.
 */
@Command(
    name = "shell",
    description = {
      "Run commands at a prompt, with completion (Tab) and a history (arrow keys).",
      "Each line is a command of 'cairn' without the word 'cairn'; quotes and backslashes work as"
          + " in a shell. 'upload', 'download' and 'list' are other words for put, get and ls;"
          + " 'help' lists the commands, 'exit' or Ctrl-D leaves.",
      "Without a terminal, the lines of the input are run in their order, whatever came of those"
          + " before, and empty ones and those that begin with # are left out; the exit code is 1"
          + " when any of them failed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn shell",
      "  cairn shell --master storage1:9400 < commands.txt",
    })
final class ShellCommand implements Callable<Integer> {

  static final String NAME = "shell";

  /** Words of the shell and what they mean. */
  static final Map<String, String> OTHER_WORDS =
      Map.of("upload", "put", "download", "get", "list", "ls");

  static final List<String> EXITS = List.of("exit", "quit");
  static final String HELP = "help";

  private static final String PROMPT = "cairn> ";
  private static final char COMMENT = '#';

  /** What a command finds as its input: that is the shell's. */
  private static final class Taken extends InputStream {
    @Override
    public int read() throws IOException {
      return read(new byte[1], 0, 1);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      throw new IOException("the input of the shell is its commands; use 'cairn put -' outside");
    }
  }

  @Spec private CommandSpec spec;

  @Mixin private MasterOption master;

  private final Surroundings around;
  private final Parser parser = parser();
  private Surroundings inside;
  private boolean failed;
  private boolean left;

  ShellCommand(Surroundings around) {
    this.around = around;
    this.master = new MasterOption(around);
  }

  private static Parser parser() {
    DefaultParser parser = new DefaultParser();
    parser.setEofOnUnclosedQuote(true);
    parser.setEofOnEscapedNewLine(true);
    return parser;
  }

  @Override
  public Integer call() throws IOException {
    Masters masters = master.masters();
    Map<String, String> environment = new HashMap<>(around.environment());
    environment.put(MasterOption.VARIABLE, masters.toString());
    inside = around.with(new Taken(), environment);
    if (around.terminal().in()) {
      atTerminal(masters);
      return CommandRunner.OK;
    }
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(around.in(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null && !left; line = lines.readLine()) {
      run(line);
    }
    return failed ? CommandRunner.FAILED : CommandRunner.OK;
  }

  private void atTerminal(Masters masters) throws IOException {
    // The other providers of JLine unpack and load native libraries.
    try (Terminal terminal = TerminalBuilder.builder().system(true).provider("exec").build()) {
      LineReader reader =
          LineReaderBuilder.builder()
              .appName("cairn")
              .terminal(terminal)
              .parser(parser)
              .completer(new ShellCompletion(inside))
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .variable(LineReader.HISTORY_FILE, history())
              .build();
      err().println("The cluster of " + masters.named() + ". Try 'help'; 'exit' leaves.");
      Thread here = Thread.currentThread();
      while (!left) {
        try {
          String line = reader.readLine(PROMPT);
          terminal.handle(Terminal.Signal.INT, signal -> here.interrupt());
          run(line);
        } catch (UserInterruptException e) {
          // Ctrl-C at the prompt: the line is thrown away.
        } catch (EndOfFileException e) {
          left = true;
        } finally {
          // Ctrl-C after a command's end is not for the next one.
          Thread.interrupted();
        }
      }
    }
  }

  private Path history() throws IOException {
    Path file = around.lastCluster().state().resolve("shell-history");
    Files.createDirectories(file.getParent());
    return file;
  }

  private void run(String line) {
    List<String> words;
    try {
      words = words(line);
    } catch (EOFError e) {
      failed = true;
      err().println(spec.qualifiedName() + ": a quote or a backslash at the end is left open");
      return;
    }
    if (words.isEmpty() || words.get(0).charAt(0) == COMMENT) {
      return;
    }
    if (EXITS.contains(words.get(0))) {
      left = true;
      return;
    }
    CommandLine command = CairnCommand.commandLine(inside, words);
    command.setOut(spec.commandLine().getOut());
    command.setErr(err());
    failed |= command.execute(words.toArray(new String[0])) != CommandRunner.OK;
  }

  /** The words of a line, as {@code cairn} takes them. */
  private List<String> words(String line) {
    List<String> words = new ArrayList<>();
    for (String word : parser.parse(line, line.length(), Parser.ParseContext.ACCEPT_LINE).words()) {
      if (!words.isEmpty() || !word.isEmpty()) {
        words.add(word);
      }
    }
    if (words.isEmpty()) {
      return words;
    }
    if (words.get(0).equals(HELP)) {
      words.remove(0);
      words.add("--help");
    }
    words.set(0, OTHER_WORDS.getOrDefault(words.get(0), words.get(0)));
    return words;
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
