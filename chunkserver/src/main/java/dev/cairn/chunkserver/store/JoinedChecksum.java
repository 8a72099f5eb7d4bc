package dev.cairn.chunkserver.store;

/**
 * CRC32C of two runs of bytes put together, from the checksums of each, without the bytes.
 *
 * <p>A CRC is a remainder in polynomials over GF(2): appending n bytes multiplies the first run's
 * by x^(8n). Polynomials are held with the coefficient of x^0 in the highest bit, as CRC32C is.
 */
final class JoinedChecksum {

  private static final int POLYNOMIAL = 0x82f63b78;
  private static final int ONE = 1 << 31;

  /** x^(8 * 2^i) modulo the polynomial, for lengths up to a block. */
  private static final int[] SHIFTS = new int[18];

  static {
    int power = ONE >>> 8; // x^8
    for (int i = 0; i < SHIFTS.length; i++) {
      SHIFTS[i] = power;
      power = product(power, power);
    }
  }

  private JoinedChecksum() {}

  /** The checksum of a run followed by another of that many bytes. */
  static int of(int first, int second, int secondBytes) {
    int shifted = first;
    for (int i = 0, rest = secondBytes; rest != 0; i++, rest >>>= 1) {
      if ((rest & 1) != 0) {
        shifted = product(SHIFTS[i], shifted);
      }
    }
    return shifted ^ second;
  }

  private static int product(int a, int b) {
    int sum = 0;
    int term = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        sum ^= term;
      }
      term = (term & 1) == 0 ? term >>> 1 : (term >>> 1) ^ POLYNOMIAL;
    }
    return sum;
  }
}
