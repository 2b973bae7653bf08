import { join } from 'node:path';
import type { Stack } from '../../../stack/start-stack';
import { startWorkerProcess } from '../../worker-process';
import { openProduct } from '../sides';
import type { Running } from './open-peer';
import { AT_ONCE, type Place } from './peer';

export const PRODUCT = 'product';

export interface ProductAsPeerOptions {
  readonly stack: Stack;
  readonly place: Omit<Place, 'address'>;
  readonly databaseUrl: string;
  readonly secretsKey: string;
  readonly folder: string;
}

/** The product's own worker and publisher, as they are deployed. An event counts as delivered when its workflow has ended. */
export async function openProductAsPeer(options: ProductAsPeerOptions): Promise<Running> {
  const { stack, place, databaseUrl, secretsKey, folder } = options;
  const worker = await startWorkerProcess({
    args: ['dist/workers/main.js'],
    env: {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: stack.temporal.address,
      SECRETS_KEY: secretsKey,
      ALLOWED_ADDRESSES: '127.0.0.1',
      LARGE_EVENTS_DIR: stack.largeEventsDir,
      CONSUMER_SLOTS: String(AT_ONCE),
    },
    logFile: join(folder, 'worker.log'),
  });
  const side = openProduct(stack.temporal.address, { deliveries: place.queues.length, sharesWorkflows: true });
  return {
    side,
    pids: { worker: worker.pid },
    close: async () => void (await Promise.all([side.close(), worker.stop()])),
  };
}
