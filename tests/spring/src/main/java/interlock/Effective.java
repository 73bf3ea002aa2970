package interlock;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.BeanFactory;

/** The configuration of each instance as resilience4j itself tells it, times in milliseconds. */
final class Effective {
  private Effective() {}

  static Map<String, Object> of(BeanFactory beans) {
    return Map.of(
        "circuitbreaker",
        named(beans.getBean(CircuitBreakerRegistry.class).getAllCircuitBreakers(), CircuitBreaker::getName, Effective::circuitBreaker),
        "retry", named(beans.getBean(RetryRegistry.class).getAllRetries(), Retry::getName, Effective::retry),
        "timelimiter", named(beans.getBean(TimeLimiterRegistry.class).getAllTimeLimiters(), TimeLimiter::getName, Effective::timeLimiter),
        "bulkhead", named(beans.getBean(BulkheadRegistry.class).getAllBulkheads(), Bulkhead::getName, Effective::bulkhead),
        "ratelimiter", named(beans.getBean(RateLimiterRegistry.class).getAllRateLimiters(), RateLimiter::getName, Effective::rateLimiter));
  }

  static <T> Map<String, Object> named(Collection<T> instances, Function<T, String> name, Function<T, Map<String, Object>> values) {
    var found = new TreeMap<String, Object>();
    instances.forEach(each -> found.put(name.apply(each), values.apply(each)));
    return found;
  }

  private static Map<String, Object> circuitBreaker(CircuitBreaker breaker) {
    var config = breaker.getCircuitBreakerConfig();
    var found = new TreeMap<String, Object>();
    found.put("slidingWindowType", config.getSlidingWindowType().name());
    found.put("slidingWindowSize", config.getSlidingWindowSize());
    found.put("minimumNumberOfCalls", config.getMinimumNumberOfCalls());
    found.put("failureRateThreshold", config.getFailureRateThreshold());
    found.put("slowCallRateThreshold", config.getSlowCallRateThreshold());
    found.put("slowCallDurationThreshold", milliseconds(config.getSlowCallDurationThreshold()));
    found.put("waitDurationInOpenState", config.getWaitIntervalFunctionInOpenState().apply(1));
    found.put("maxWaitDurationInHalfOpenState", milliseconds(config.getMaxWaitDurationInHalfOpenState()));
    found.put("permittedNumberOfCallsInHalfOpenState", config.getPermittedNumberOfCallsInHalfOpenState());
    found.put("automaticTransitionFromOpenToHalfOpenEnabled", config.isAutomaticTransitionFromOpenToHalfOpenEnabled());
    found.put("recordExceptions", classes(config, "recordExceptions"));
    found.put("ignoreExceptions", classes(config, "ignoreExceptions"));
    return found;
  }

  private static Map<String, Object> retry(Retry retry) {
    var config = retry.getRetryConfig();
    return Map.of(
        "maxAttempts", config.getMaxAttempts(),
        "waitDuration", config.getIntervalBiFunction().apply(1, null),
        "retryExceptions", classes(config, "retryExceptions"),
        "ignoreExceptions", classes(config, "ignoreExceptions"));
  }

  private static Map<String, Object> timeLimiter(TimeLimiter limiter) {
    var config = limiter.getTimeLimiterConfig();
    return Map.of("timeoutDuration", milliseconds(config.getTimeoutDuration()), "cancelRunningFuture", config.shouldCancelRunningFuture());
  }

  private static Map<String, Object> bulkhead(Bulkhead bulkhead) {
    var config = bulkhead.getBulkheadConfig();
    return Map.of("maxConcurrentCalls", config.getMaxConcurrentCalls(), "maxWaitDuration", milliseconds(config.getMaxWaitDuration()));
  }

  private static Map<String, Object> rateLimiter(RateLimiter limiter) {
    var config = limiter.getRateLimiterConfig();
    return Map.of(
        "limitForPeriod", config.getLimitForPeriod(),
        "limitRefreshPeriod", milliseconds(config.getLimitRefreshPeriod()),
        "timeoutDuration", milliseconds(config.getTimeoutDuration()));
  }

  /** Read from the field: a config has no other way to tell. */
  private static List<String> classes(Object config, String field) {
    var found = (Class<?>[]) PropertyAccessorFactory.forDirectFieldAccess(config).getPropertyValue(field);
    return Stream.of(found).map(Class::getName).sorted().toList();
  }

  /** Exact, so that what is shorter than one is not zero. */
  private static BigDecimal milliseconds(Duration duration) {
    var exact = new BigDecimal(duration.getSeconds()).movePointRight(3).add(BigDecimal.valueOf(duration.getNano(), 6)).stripTrailingZeros();
    return exact.setScale(Math.max(0, exact.scale()));
  }
}
