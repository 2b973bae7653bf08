import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Publishes events through the sidecar on this host. It needs Java 11 and nothing else. */
public class PublishEvents {
  /** The event has to be corrected first: the problem details name every wrong field. */
  static class EventRefused extends Exception {
    EventRefused(int status, String problem) {
      super(status + " " + problem);
    }
  }

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;
  private final String token;

  PublishEvents(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /** Returns the receipt when the event is on the disk of the sidecar. Until then it tries again, under the same id. */
  String publish(String type, String data, String id) throws EventRefused, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/events/" + type))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", id)
            .POST(HttpRequest.BodyPublishers.ofString(data))
            .build();
    for (long wait = 100; ; wait = Math.min(2 * wait, 10_000)) {
      try {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        int status = response.statusCode();
        if (status == 202) return response.body();
        if (status != 408 && status != 429 && status < 500) throw new EventRefused(status, response.body());
      } catch (IOException noAnswer) {
        // The sidecar may have the event, and the id makes both tries one event.
      }
      Thread.sleep(wait);
    }
  }

  public static void main(String[] args) throws Exception {
    PublishEvents events = new PublishEvents(System.getenv("CHAT_EVENTS_URL"), System.getenv("CHAT_EVENTS_TOKEN"));
    try {
      System.out.println(events.publish(args[0], Files.readString(Path.of(args[1])), args[2]));
    } catch (EventRefused refused) {
      System.err.println(refused.getMessage());
      System.exit(1);
    }
  }
}
