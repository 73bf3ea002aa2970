package interlock;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.retry.internal.RetryImpl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.springframework.beans.factory.BeanFactory;

/** What the instances do: calls are really made through them, and counted. */
final class Drive {
  /** More calls than any configuration that we know needs; what has not changed its state by then is said to be "never". */
  private static final int PATIENCE = 10_000;

  private Drive() {}

  static Map<String, Object> all(BeanFactory beans) {
    return Map.of(
        "circuitbreaker",
        Effective.named(beans.getBean(CircuitBreakerRegistry.class).getAllCircuitBreakers(), CircuitBreaker::getName, Drive::breaker),
        "retry", Effective.named(beans.getBean(RetryRegistry.class).getAllRetries(), Retry::getName, Drive::retry));
  }

  /** How many failing calls open it, how many after all but one of them and a success, and how many good ones close it again. */
  private static Map<String, Object> breaker(CircuitBreaker breaker) {
    var found = new TreeMap<String, Object>();
    Integer failures = callsUntil(breaker, State.OPEN, Drive::fail);
    found.put("failuresUntilOpen", failures);
    if (failures != null) {
      breaker.reset();
      for (int each = 1; each < failures; each++) {
        call(breaker, Drive::fail);
      }
      call(breaker, Drive::succeed);
      found.put("failuresUntilOpenAfterSuccess", callsUntil(breaker, State.OPEN, Drive::fail));
      found.put("isCalledWhenOpen", call(breaker, Drive::succeed));
      breaker.transitionToHalfOpenState();
      found.put("successesUntilClosed", callsUntil(breaker, State.CLOSED, Drive::succeed));
    }
    return found;
  }

  /** How often it makes a call that always fails, how long it would wait in between, and how often while a breaker is open. */
  private static Map<String, Object> retry(Retry retry) {
    var waits = new ArrayList<Long>();
    RetryImpl.setSleepFunction(waits::add);
    int tries = tries(retry, IOException::new);
    var open = CircuitBreaker.ofDefaults("open");
    open.transitionToOpenState();
    var whileWaiting = List.copyOf(waits);
    int triesWhenOpen = tries(retry, () -> CallNotPermittedException.createCallNotPermittedException(open));
    return Map.of("tries", tries, "waits", whileWaiting, "triesWhenOpen", triesWhenOpen);
  }

  private static Integer callsUntil(CircuitBreaker breaker, State wanted, Callable<Void> call) {
    for (int calls = 0; calls <= PATIENCE; calls++) {
      if (breaker.getState() == wanted) {
        return calls;
      }
      call(breaker, call);
    }
    return null;
  }

  /** Whether the call was made at all. */
  private static boolean call(CircuitBreaker breaker, Callable<Void> call) {
    var made = new boolean[1];
    try {
      breaker.executeCallable(() -> {
        made[0] = true;
        return call.call();
      });
    } catch (Exception expected) {
      return made[0];
    }
    return made[0];
  }

  private static int tries(Retry retry, Supplier<Exception> failure) {
    var tries = new int[1];
    try {
      retry.executeCallable(() -> {
        tries[0]++;
        throw failure.get();
      });
    } catch (Exception expected) {
      return tries[0];
    }
    throw new IllegalStateException("a call that always fails has succeeded");
  }

  private static Void fail() throws IOException {
    throw new IOException("connection refused");
  }

  private static Void succeed() {
    return null;
  }
}
