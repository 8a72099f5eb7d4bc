package dev.cairn.rpc.command;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;

/** Runs a picocli command line the way all of Cairn's commands run. */
public final class CommandRunner {

  public static final int OK = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 2;

  private CommandRunner() {}

  /** Parses and runs the command; answers the exit code of the process. */
  public static int run(Object command, String... arguments) {
    return commandLine(command).execute(arguments);
  }

  /** The command line with our error handling, for callers that change more of it. */
  public static CommandLine commandLine(Object command) {
    CommandLine line = new CommandLine(command);
    line.setParameterExceptionHandler(CommandRunner::usage);
    line.setExecutionExceptionHandler(CommandRunner::failed);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static int usage(ParameterException e, String[] arguments) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println(name + ": " + oneLine(e) + " (try '" + name + " --help')");
    return USAGE;
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    String name = line.getCommandSpec().qualifiedName();
    if (e instanceof IllegalArgumentException) {
      line.getErr().println(name + ": " + oneLine(e) + " (try '" + name + " --help')");
      return USAGE;
    }
    line.getErr().println(name + ": " + oneLine(e));
    LoggerFactory.getLogger(CommandRunner.class).debug("{} failed", name, e);
    return FAILED;
  }

  /** What an error says, in one sentence for people. */
  public static String oneLine(Throwable e) {
    String message = e.getMessage() == null ? "" : e.getMessage().lines().findFirst().orElse("");
    if (e instanceof CairnException || e instanceof IllegalArgumentException) {
      return message;
    }
    if (e instanceof MissingParameterException missing) {
      return tooFew(missing, message);
    }
    if (e instanceof ParameterException) {
      return message;
    }
    if (e instanceof NoSuchFileException) {
      return message + ": no such file or directory";
    }
    if (e instanceof FileSystemException file) {
      String reason = file.getReason() == null ? kind(e) : file.getReason();
      return file.getFile() + ": " + reason;
    }
    if (e instanceof IOException && !message.isEmpty()) {
      return message;
    }
    return kind(e) + (message.isEmpty() ? "" : ": " + message);
  }

  private static String tooFew(MissingParameterException e, String otherwise) {
    if (e.getMissing().size() != 1 || !e.getMissing().get(0).isPositional()) {
      return otherwise;
    }
    ArgSpec missing = e.getMissing().get(0);
    int least = missing.arity().min();
    return least < 2
        ? missing.paramLabel() + " is missing"
        : "at least " + least + " arguments " + missing.paramLabel() + " are needed";
  }

  private static String kind(Throwable e) {
    return e.getClass().getSimpleName().replaceFirst("Exception$", "");
  }
}
