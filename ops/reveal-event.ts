import { userInfo } from 'node:os';
import {
  decodeArrayFromPayloads,
  extstoreInboundOptions,
  visit,
  walkGetWorkflowExecutionHistoryResponse,
} from '@temporalio/common/lib/internal-non-workflow';
import { GRPC, grpcCodeOf } from '../client/grpc-code';
import { openLargeEventStore } from '../client/large-events';
import { openCluster } from '../client/open-cluster';
import { readPayloadKeys } from '../client/payload-keys';
import { readRevealed } from '../db/show-event';
import type { Tx } from '../db/tx';
import { readClustersAlone, toClusterOptions, type ClusterConfig } from '../workers/clusters';

/** The data of an event, and where they were found. */
export interface Revealed {
  readonly from: string;
  readonly data: unknown;
}

const ANSWER_WITHIN_MS = 10_000;

/**
 * Reads the data of an event: from its row, in internal form; else as it was refused; else as its workflow was started with it.
 * Writes first who asks for which event to the standard error, as a line of JSON.
 *
 * @throws PayloadNotReadable when the key is not in PAYLOAD_KEY
 */
export async function revealEvent(db: Tx, key: string, environment: NodeJS.ProcessEnv): Promise<Revealed | undefined> {
  const line = { level: 30, time: Date.now(), event: key, user: operator(), msg: 'shows the data of an event' };
  process.stderr.write(`${JSON.stringify(line)}\n`);
  const { data: recorded, refused } = await readRevealed(db, key);
  if (recorded !== undefined) return { from: 'the database', data: recorded };
  if (refused !== null) return { from: 'the refused input', data: readJson(refused) };
  let failure: { readonly error: unknown } | undefined;
  for (const cluster of environment['TEMPORAL_ADDRESS'] ? readClustersAlone(environment) : []) {
    try {
      const data = await readStartInput(cluster, key, environment);
      if (data !== undefined) return { from: `the start of the workflow on ${cluster.name}`, data };
    } catch (error) {
      failure ??= { error }; // the other cluster may have it
    }
  }
  if (failure) throw failure.error;
  return undefined;
}

/** Undefined where the cluster has no workflow of the key. */
async function readStartInput(config: ClusterConfig, key: string, environment: NodeJS.ProcessEnv): Promise<unknown> {
  const { LARGE_EVENTS_DIR: dir } = environment;
  const keys = readPayloadKeys(environment);
  const cluster = openCluster(toClusterOptions(config), { keys, store: dir ? openLargeEventStore(dir) : undefined });
  try {
    const { options, workflowService } = cluster.client;
    const { loadedDataConverter } = options;
    const start = { namespace: options.namespace, execution: { workflowId: key }, maximumPageSize: 1 };
    const history = await cluster.client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      workflowService.getWorkflowExecutionHistory(start),
    );
    await visit(
      history,
      walkGetWorkflowExecutionHistoryResponse,
      extstoreInboundOptions(loadedDataConverter.externalStorage),
    );
    const { input } = history.history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
    const [value] = await decodeArrayFromPayloads(loadedDataConverter, input?.payloads);
    return value;
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.NOT_FOUND) return undefined;
    throw error;
  } finally {
    await cluster.close();
  }
}

/** A client that is no publisher of ours may have sent any text. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The user's name in this system; of one that `sudo` has made another, the first name. */
function operator(): string {
  const { SUDO_USER } = process.env;
  if (SUDO_USER) return SUDO_USER;
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`; // in a container, a user may have no name
  }
}
