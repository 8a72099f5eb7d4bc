package dev.cairn.rpc.command;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
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
    Thread.setDefaultUncaughtExceptionHandler(CommandRunner::ended);
    CommandLine line = new CommandLine(command);
    line.setParameterExceptionHandler(CommandRunner::usage);
    line.setExecutionExceptionHandler(CommandRunner::failed);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Path.class, UsageErrors::path);
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

  /** A boundary: a thread ends by a fault of ours. Its stack trace is for the log alone. */
  private static void ended(Thread thread, Throwable fault) {
    Logger log = LoggerFactory.getLogger(CommandRunner.class);
    if (log.isErrorEnabled()) {
      log.error("the thread {} ended by a fault", thread.getName(), fault);
    } else {
      System.err.println(
          "cairn: a fault of Cairn's own: "
              + oneLine(fault)
              + "; with CAIRN_LOG=FILE, the file has all of it");
    }
  }

  /** What an error says, in one sentence for people. */
  public static String oneLine(Throwable e) {
    return printable(said(e));
  }

  private static String said(Throwable e) {
    String message = e.getMessage() == null ? "" : e.getMessage().lines().findFirst().orElse("");
    if (e instanceof CairnException || e instanceof IllegalArgumentException) {
      return message;
    }
    if (e instanceof ParameterException usage) {
      return UsageErrors.sentence(usage);
    }
    if (e instanceof UncheckedIOException && e.getCause() != null) {
      return said(e.getCause());
    }
    if (e instanceof FileSystemException file) {
      return file.getFile() + ": " + reason(file);
    }
    if (e instanceof IOException && !message.isEmpty()) {
      return message;
    }
    return e instanceof IOException
        ? "input or output failed"
        : "an error inside Cairn"
            + (message.isEmpty() ? "" : " (" + message + ")")
            + ": run it again with CAIRN_LOG=FILE, which gets the details, and report it";
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "exists already";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (e instanceof FileSystemLoopException) {
      return "too many symbolic links";
    }
    if (e.getReason() == null) {
      return "cannot be used";
    }
    return e.getReason();
  }

  /** The text with everything that would steer a terminal shown as a question mark. */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c ->
                shown.appendCodePoint(
                    Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                        ? '?'
                        : c));
    return shown.toString();
  }
}
