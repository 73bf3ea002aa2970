package interlock;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.json.JsonWriter;

/** What a Spring Boot application makes of each file, as a JSON array; or which files it refuses and why, as a JSON object. */
public final class Main {
  private static final int REFUSED = 3;

  private Main() {}

  /** Arguments: `effective` or `drive`, the active profiles with commas between them, the files. */
  public static void main(String[] arguments) {
    PrintStream answers = System.out;
    System.setOut(System.err); // whatever else is printed is no answer
    var results = new ArrayList<Map<String, Object>>();
    var refusals = new TreeMap<String, Object>();
    for (String file : List.of(arguments).subList(2, arguments.length)) {
      try {
        results.add(Application.with(Path.of(file), arguments[1], beans -> result(arguments[0], beans)));
      } catch (Refused refused) {
        refusals.put(file, refused.getMessage());
      }
    }
    answers.println(JsonWriter.<Object>standard().writeToString(refusals.isEmpty() ? results : refusals));
    System.exit(refusals.isEmpty() ? 0 : REFUSED);
  }

  private static Map<String, Object> result(String mode, BeanFactory beans) {
    return switch (mode) {
      case "effective" -> Effective.of(beans);
      case "drive" -> Drive.all(beans);
      default -> throw new IllegalArgumentException(mode);
    };
  }
}
