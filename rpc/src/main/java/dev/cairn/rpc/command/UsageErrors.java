package dev.cairn.rpc.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one sentence what is wrong with a command line, in the words of who wrote it. */
final class UsageErrors {

  /** Commands that the launcher knows and the command line does not. */
  private static final List<String> OF_THE_LAUNCHER =
      List.of("master", "chunkserver", "mount", "umount");

  private static final String OF_THE_COMMAND = "cairn";

  private static final String EMPTY_PATH = "a path is empty";

  private UsageErrors() {}

  /** Reads a path; an empty one would be the working directory, which nobody meant. */
  static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException(EMPTY_PATH);
    }
    return Path.of(text);
  }

  static String sentence(ParameterException e) {
    return CommandRunner.printable(said(e));
  }

  private static String said(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      return unmatched(e.getCommandLine().getCommandSpec(), unmatched.getUnmatched().get(0));
    }
    if (e instanceof MissingParameterException missing) {
      // An option that is missing may be one that was written wrongly.
      List<String> unknown = e.getCommandLine().getUnmatchedArguments();
      return unknown.isEmpty()
          ? missing(missing)
          : unmatched(e.getCommandLine().getCommandSpec(), unknown.get(0));
    }
    ArgSpec argument = e.getArgSpec();
    if (argument != null && e.getValue() != null) {
      Class<?> type = argument.auxiliaryTypes()[0];
      if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
        return name(argument) + " takes a whole number, and '" + e.getValue() + "' is none";
      }
      if (type == Path.class) {
        return e.getValue().isEmpty() || e.getMessage().endsWith(EMPTY_PATH)
            ? name(argument) + ": " + EMPTY_PATH
            : name(argument) + ": '" + e.getValue() + "' is no path";
      }
    }
    return e.getMessage() == null ? "wrong usage" : e.getMessage().lines().findFirst().orElse("");
  }

  private static String unmatched(CommandSpec spec, String argument) {
    if (argument.length() > 1 && argument.startsWith("-")) {
      String option = argument.split("=", 2)[0];
      List<String> names = new ArrayList<>();
      spec.options().forEach(known -> names.addAll(List.of(known.names())));
      return "there is no option '" + option + "'" + suggestion(option, names);
    }
    if (spec.subcommands().isEmpty()) {
      return "there is one argument too many: '" + argument + "'";
    }
    List<String> names = new ArrayList<>(spec.subcommands().keySet());
    if (spec.name().equals(OF_THE_COMMAND)) {
      names.addAll(OF_THE_LAUNCHER);
    }
    return "there is no command '" + argument + "'" + suggestion(argument, names);
  }

  private static String suggestion(String word, Collection<String> known) {
    List<String> alike = Alike.of(word, known);
    return alike.isEmpty() ? "" : ": did you mean '" + String.join("' or '", alike) + "'?";
  }

  private static String missing(MissingParameterException e) {
    if (e.getMissing().size() == 1) {
      ArgSpec missing = e.getMissing().get(0);
      if (missing.isOption()) {
        return missing.required() && e.getMessage().startsWith("Missing required option")
            ? name(missing) + " is missing"
            : name(missing) + " needs a value: " + missing.paramLabel();
      }
      int least = missing.arity().min();
      return least < 2
          ? missing.paramLabel() + " is missing"
          : "at least " + least + " arguments " + missing.paramLabel() + " are needed";
    }
    return e.getMessage();
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
