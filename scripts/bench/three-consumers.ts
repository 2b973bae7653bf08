import { createSecretBox } from '../../activities/connections/secret-box';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { openDestinations } from '../demo/destinations';
import type { Stack } from '../stack/start-stack';
import { percentile } from './compare';
import { runBlock } from './run-block';
import { openProduct } from './sides';
import { measureLatencies, type StallLatencies } from './stall';

/** Of events that are stored, mailed to two people and posted to an endpoint. */
export interface ThreeConsumers {
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly deliveredMs: { readonly p50: number; readonly p99: number };
  /** Webhooks of two sites at an even rate, while the endpoint of a third is well, and while each of its requests hangs. */
  readonly well: StallLatencies;
  readonly beside: StallLatencies;
}

/** Sites of their own, so that the other events of the benchmark go nowhere but to the tables. */
const WELL = ['20001', '20002'];
const HANGING = '20003';
const RATE = 2;
const SECONDS = 30;

/** What three consumers cost, and what one hanging endpoint does to the others. */
export async function measureThreeConsumers(
  stack: Stack,
  secretsKey: string,
  events: number,
  say: (text: string) => void,
): Promise<ThreeConsumers> {
  let hangs = false;
  const pool = createPool(stack.postgres.url);
  const destinations = await openDestinations(onPool(pool), createSecretBox(secretsKey), {
    webhooks: {
      ...Object.fromEntries(WELL.map((siteId) => [siteId, () => undefined])),
      [HANGING]: () => (hangs ? 'stall' : undefined),
    },
  });
  const { address } = stack.temporal;
  const product = openProduct(address, { siteIds: WELL, deliveries: 3 });
  const publisher = createPublisher({ clusters: [{ name: 'main', address }], deadlineMs: 60_000 });
  try {
    say(`Three consumers, ${events} events:`);
    const { eventsPerSecond } = await runBlock(product, { events, inFlight: 50 });
    const { finishedMs } = await runBlock(product, { events: 100, inFlight: 1 });
    say(`  ${eventsPerSecond.toFixed(1)} events/s`);
    const steady = { publisher, well: WELL, hanging: HANGING, rate: RATE, seconds: SECONDS };
    const arrivedAt = (siteId: string, id: string) => destinations.webhookArrivedAt(siteId, id);
    say(
      `Webhooks of two sites beside a third, whose endpoint is well for ${SECONDS} s and then hangs for ${SECONDS} s:`,
    );
    const well = await measureLatencies({ ...steady, arrivedAt });
    hangs = true;
    const beside = await measureLatencies({ ...steady, arrivedAt });
    say(`  p99 ${well.p99.toFixed(0)} ms and ${beside.p99.toFixed(0)} ms`);
    const deliveredMs = { p50: percentile(finishedMs, 0.5), p99: percentile(finishedMs, 0.99) };
    return { events, eventsPerSecond, deliveredMs, well, beside };
  } finally {
    await publisher.close();
    await product.close();
    await destinations.close();
    await pool.end();
  }
}
