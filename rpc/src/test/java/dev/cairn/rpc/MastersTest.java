package dev.cairn.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MastersTest {

  private static String refusal(String text) {
    return assertThrows(IllegalArgumentException.class, () -> Masters.parse(text)).getMessage();
  }

  @Test
  void oneAddress_isOneMaster() {
    Masters one = Masters.parse("10.0.0.1:9420");
    assertEquals(List.of(new HostPort("10.0.0.1", 9420)), one.addresses());
    assertFalse(one.areSeveral());
    assertEquals("the master at 10.0.0.1:9420", one.named());
  }

  @Test
  void severalAddresses_keepTheirOrder_andAreWrittenAsTheyAreRead() {
    Masters three = Masters.parse("a:1, [::1]:2,c.example:3");
    assertEquals("a:1,[::1]:2,c.example:3", three.toString());
    assertEquals(three, Masters.parse(three.toString()));
    assertTrue(three.areSeveral());
    assertEquals("the masters at a:1, [::1]:2 and c.example:3", three.named());
  }

  @Test
  void aMasterNamedTwice_isRefused() {
    assertEquals(
        "'a:1,b:2,a:1' names the master a:1 twice: name each master once", refusal("a:1,b:2,a:1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {",", "a:1,", ",a:1", "a:1,,b:2", "a:1, ,b:2"})
  void aCommaWithoutAnAddress_isRefused(String text) {
    assertEquals(
        "an address is missing beside a comma of '" + text + "': write HOST:PORT,HOST:PORT",
        refusal(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a:1,b", "a:1;b:2", "a:0", "a:1,b:0", "::1:2,b:1", "a:1 b:2"})
  void whatIsNoAddress_isRefused(String text) {
    assertFalse(refusal(text).contains("\n"));
  }
}
