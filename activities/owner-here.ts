import { activityInfo } from '@temporalio/activity';
import type { Owner } from '../db/owner';

/** The workflow that this activity works for. PostgreSQL stores no NUL, which the id of a foreign client's workflow may have. */
export function ownerHere({ clusterName }: { readonly clusterName: string }): Owner {
  const { workflowId = '' } = activityInfo().workflowExecution ?? {};
  return { cluster: clusterName, workflowId: workflowId.replaceAll('\0', '\ufffd') };
}
