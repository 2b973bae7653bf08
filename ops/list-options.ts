import { Option, type Command } from 'commander';
import { print, type JsonOption } from './output';
import { readCount, readTimeOrAge } from './read-input';

/** The values of `withListOptions`. Times are ISO. */
export interface ListOptions extends JsonOption {
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

/** The options of a list of events or deliveries from a span of time. */
export const withListOptions = (command: Command): Command =>
  command
    .option('--from <time>', 'since: ISO time, or an age such as 90m, 24h, 7d', readTimeOrAge)
    .option('--to <time>', 'before: the same', readTimeOrAge)
    .addOption(new Option('--limit <n>', 'at most so many').argParser(readCount).default(50))
    .option('--json', 'as JSON');

/** Says that the list ends at its limit. */
export function sayMore(found: number, order: 'oldest' | 'latest', { limit, json }: ListOptions): void {
  if (!json && found === limit) print(`\nThere may be more: these are the ${order} ${limit} (--limit).`);
}
