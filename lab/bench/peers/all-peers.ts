import { bareTemporal } from './bare-temporal';
import { bullmq } from './bullmq';
import { graphileWorker } from './graphile-worker';
import type { Peer } from './peer';
import { pgBoss } from './pg-boss';
import { rabbitmq } from './rabbitmq';

/** By the name that `--systems` takes. */
export const peers: Readonly<Record<string, Peer>> = {
  bullmq,
  rabbitmq,
  'pg-boss': pgBoss,
  'graphile-worker': graphileWorker,
  'bare-temporal': bareTemporal,
};
