import { cpus, totalmem } from 'node:os';

export const describeMachine = () => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  node: process.version,
});

export const showMachine = ({ processor, cores, memoryGigabytes, node } = describeMachine()): string =>
  `${processor}, ${cores} cores, ${memoryGigabytes} GB, Node ${node.slice(1)}`;
