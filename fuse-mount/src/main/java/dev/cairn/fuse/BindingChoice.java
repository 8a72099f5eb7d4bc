package dev.cairn.fuse;

import dev.cairn.fuse.jnr.JnrBinding;
import dev.cairn.fuse.kernel.KernelBinding;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;

/** What users can ask for with {@code --binding}. */
public enum BindingChoice {
  AUTO("auto"),
  KERNEL("kernel"),
  JNR_FUSE("jnr-fuse");

  private final String word;

  BindingChoice(String word) {
    this.word = word;
  }

  /** Reads what {@link #toString} writes. */
  static BindingChoice parse(String word) {
    for (BindingChoice choice : values()) {
      if (choice.word.equalsIgnoreCase(word)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "there is no binding '" + word + "': write kernel, jnr-fuse or auto");
  }

  /**
   * The binding to use: for {@code auto} the kernel's protocol where it can be spoken, else
   * libfuse.
   *
   * @throws CairnException with a sentence that says why there is none
   */
  public Binding choose() throws CairnException {
    return switch (this) {
      case KERNEL -> usable(new KernelBinding());
      case JNR_FUSE -> usable(new JnrBinding());
      case AUTO -> {
        Binding kernel = new KernelBinding();
        Binding portable = new JnrBinding();
        boolean fallBack = kernel.whyNot() != null && portable.whyNot() == null;
        yield usable(fallBack ? portable : kernel);
      }
    };
  }

  private static Binding usable(Binding binding) throws CairnException {
    String reason = binding.whyNot();
    if (reason != null) {
      throw ErrorCode.NOT_SUPPORTED.because("cannot mount: " + reason);
    }
    return binding;
  }

  @Override
  public String toString() {
    return word;
  }
}
