import { runBlock, type Block } from './run-block';
import { median } from '../latency';
import type { CpuReader } from '../process-usage';
import type { Side } from './sides';

export interface CompareOptions {
  readonly product: Side;
  readonly bare: Side;
  /** Of the processes whose CPU time is taken, for each side. */
  readonly pids: Readonly<Record<'product' | 'bare', Readonly<Record<string, number>>>>;
  readonly readCpu: CpuReader | undefined;
  /** Pairs of blocks; the two blocks of a pair are compared. */
  readonly pairs: number;
  readonly events: number;
  readonly inFlight: number;
  readonly say: (text: string) => void;
}

export interface Pair {
  readonly product: Block;
  readonly bare: Block;
}

/** Runs blocks of both sides by turns (product first, bare first, ...), so that other work of the machine hits both alike. */
export async function compare(options: CompareOptions): Promise<Pair[]> {
  const { pairs, events, inFlight, pids, readCpu, say } = options;
  const done: Pair[] = [];
  const run = async (name: keyof Pair): Promise<Block> => {
    const side = options[name];
    const block = await runBlock(side, { events, inFlight, pids: pids[name], readCpu });
    const middle = median(block.finishedMs).toFixed(0);
    say(`  ${side.name.padEnd(8)}${block.eventsPerSecond.toFixed(1).padStart(7)} events/s, half within ${middle} ms`);
    return block;
  };
  for (let i = 0; i < pairs; i++) {
    const first = await run(i % 2 === 0 ? 'product' : 'bare');
    const second = await run(i % 2 === 0 ? 'bare' : 'product');
    done.push(i % 2 === 0 ? { product: first, bare: second } : { product: second, bare: first });
  }
  return done;
}
