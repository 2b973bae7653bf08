import { createPublisher } from '../../client';
import { atRate } from '../at-rate';
import { percentile } from '../latency';
import { singleQueueEvent } from '../make-events';

/** A loop of `publish` with a journal, no cluster being up. Arguments: folder, seconds, calls at once, calls per second (0 = as many as it can). */
async function main([dir = '', seconds = '', lanes = '', rate = '']: readonly string[]): Promise<void> {
  const clusters = [{ name: 'main', address: '127.0.0.1:1' }];
  const publisher = createPublisher({ clusters, journal: { dir, maxBytes: 20 * 1024 ** 3 } });
  const took: number[] = [];
  const { type, data } = singleQueueEvent(0);
  const text = JSON.stringify(data);
  const publish = async (n: number): Promise<void> => {
    const began = performance.now();
    await publisher.publish(type, text, { id: `loop-${n}` });
    took.push(performance.now() - began);
  };
  await publish(0); // loads its modules
  took.length = 0;
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const end = began + Number(seconds) * 1000;
  let n = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await publish((n += 1));
  };
  if (Number(rate) > 0) await atRate(Number(rate), Array(Number(rate) * Number(seconds)).keys(), publish);
  else await Promise.all(Array.from({ length: Number(lanes) }, lane));
  const perSecond = took.length / ((performance.now() - began) / 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1000 / took.length;
  console.log(JSON.stringify({ perSecond, cpuMs, p99: percentile(took, 0.99) }));
  process.exit(); // the events stay in the journal, which is removed
}

void main(process.argv.slice(2));
