package interlock;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;

/** The smallest Spring Boot application with resilience4j in it. */
@SpringBootApplication
class Application {
  private static final ConfigurationPropertyName PROFILE = ConfigurationPropertyName.of("spring.config.activate.on-profile");

  /** What `question` answers about the application that is configured by the file and by nothing else. */
  static <T> T with(Path file, String profiles, Function<BeanFactory, T> question) throws Refused {
    try (var context = start(file, profiles)) {
      List<String> unknown = unknownKeys(context);
      if (!unknown.isEmpty()) {
        throw new Refused("no part of the application reads " + unknown);
      }
      return question.apply(context);
    }
  }

  /** Spring Boot ignores keys that it does not know; here each of them is a refusal. */
  @Bean
  static ConfigurationPropertiesBindHandlerAdvisor strict() {
    return handler -> new NoUnboundElementsBindHandler(handler, source -> true);
  }

  private static ConfigurableApplicationContext start(Path file, String profiles) throws Refused {
    var application = new SpringApplicationBuilder(Application.class);
    application.environment(new OnlyArguments()).web(WebApplicationType.NONE).bannerMode(Banner.Mode.OFF).registerShutdownHook(false);
    try {
      return application.run(
          "--spring.config.location=" + file.toUri(), "--spring.profiles.active=" + profiles, "--logging.level.root=OFF");
    } catch (RuntimeException refusal) {
      throw new Refused(words(refusal));
    }
  }

  /** Keys outside of what is bound at all, where a misspelt section would be. */
  private static List<String> unknownKeys(ConfigurableApplicationContext context) {
    var bound = ConfigurationPropertiesBean.getAll(context).values().stream()
        .map(bean -> ConfigurationPropertyName.of(bean.getAnnotation().prefix()))
        .toList();
    return context.getEnvironment().getPropertySources().stream()
        .filter(OriginTrackedMapPropertySource.class::isInstance)
        .flatMap(source -> Stream.of(((OriginTrackedMapPropertySource) source).getPropertyNames()))
        .filter(key -> {
          var name = ConfigurationPropertyName.adapt(key, '.');
          return !name.equals(PROFILE) && bound.stream().noneMatch(prefix -> prefix.isAncestorOf(name));
        })
        .sorted()
        .toList();
  }

  /** What the causes say, without the beans that they happened in. */
  private static String words(Throwable refusal) {
    var said = new ArrayList<String>();
    for (Throwable each = refusal; each != null; each = each.getCause()) {
      if (!(each instanceof BeansException) && each.getMessage() != null) {
        said.add(each.getMessage());
      }
    }
    return said.isEmpty() ? refusal.toString() : String.join(": ", said);
  }

  /** The machine's own settings, environment variables above all, have no say. */
  private static final class OnlyArguments extends StandardEnvironment {
    @Override
    protected void customizePropertySources(MutablePropertySources sources) {}
  }
}
