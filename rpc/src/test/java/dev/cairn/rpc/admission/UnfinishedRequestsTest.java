package dev.cairn.rpc.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.admission.UnfinishedRequests.Unfinished;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UnfinishedRequestsTest {

  private final UnfinishedRequests requests = new UnfinishedRequests(100);
  private final List<String> givenUp = new ArrayList<>();

  private Unfinished named(String name) {
    return () -> givenUp.add(name);
  }

  @Test
  void moreBytesThanThereMayBe_giveUpTheOldest() {
    Unfinished one = named("one");
    Unfinished two = named("two");
    requests.holds(one, 30, 0);
    requests.holds(two, 40, 1);
    requests.holds(one, 60, 2);
    assertEquals(100, requests.bytes());
    requests.holds(named("three"), 1, 3);
    assertEquals(List.of("one"), givenUp);
    assertEquals(41, requests.bytes());
    requests.done(two);
    requests.done(one);
    assertEquals(1, requests.bytes());
  }

  @Test
  void aRequestThatIsNotWholeInTime_isGivenUp() {
    requests.holds(named("slow"), 10, 0);
    requests.holds(named("new"), 10, Duration.ofSeconds(8).toNanos());
    requests.giveUpOverdue(Duration.ofSeconds(10).toNanos());
    assertEquals(List.of(), givenUp);
    requests.giveUpOverdue(Duration.ofSeconds(11).toNanos());
    assertEquals(List.of("slow"), givenUp);
    assertEquals(10, requests.bytes());
  }
}
