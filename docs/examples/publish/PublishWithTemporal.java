import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Publishes an event by starting its workflow, with io.temporal:temporal-sdk. Arguments: TYPE FILE SITE ID */
public class PublishWithTemporal {
  /** Returns when the cluster has the event on its disk: false where it had it already. `data` is JSON. */
  static boolean publish(WorkflowClient client, String type, String data, String siteId, String id) {
    WorkflowOptions options =
        WorkflowOptions.newBuilder()
            .setWorkflowId(type + "/" + siteId + "/" + id)
            .setTaskQueue("chat-events")
            .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
            .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
            .build();
    try {
      client
          .newUntypedWorkflowStub("processChatEvent", options)
          .start(Map.of("type", type, "id", id, "siteId", siteId, "data", data));
      return true;
    } catch (WorkflowExecutionAlreadyStarted started) {
      return false;
    }
  }

  public static void main(String[] args) throws Exception {
    WorkflowServiceStubs service =
        WorkflowServiceStubs.newConnectedServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(System.getenv("TEMPORAL_ADDRESS")).build(),
            Duration.ofSeconds(60));
    WorkflowClient client =
        WorkflowClient.newInstance(
            service, WorkflowClientOptions.newBuilder().setNamespace(System.getenv("TEMPORAL_NAMESPACE")).build());
    String data = Files.readString(Path.of(args[1]));
    System.out.println(publish(client, args[0], data, args[2], args[3]) ? "accepted" : "duplicate");
    service.shutdownNow();
  }
}
