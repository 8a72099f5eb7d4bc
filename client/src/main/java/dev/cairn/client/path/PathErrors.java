package dev.cairn.client.path;

import dev.cairn.rpc.error.CairnException;

/** Errors that name the path the user wrote, in the words a shell's users know. */
public final class PathErrors {

  private PathErrors() {}

  /** The same error, said of a path. */
  public static CairnException at(String path, CairnException e) {
    String words =
        switch (e.code()) {
          case NO_ENTRY, STALE -> "no such file or directory";
          case NOT_DIRECTORY -> "not a directory";
          case IS_DIRECTORY -> "is a directory";
          case EXISTS -> "already exists";
          case NOT_EMPTY -> "the directory is not empty";
          case NAME_TOO_LONG -> "the name is too long";
          case NO_SPACE -> "no space left on the chunk servers";
          default -> e.getMessage();
        };
    return e.code().because(Names.printable(path) + ": " + words, e);
  }
}
