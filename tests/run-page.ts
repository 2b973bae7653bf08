import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = resolve(__dirname, '..');

/** A block of commands of a page, and the lines that it says they print. */
export interface Step {
  readonly commands: string;
  readonly prints: readonly string[];
}

/** The blocks ```sh of a page, each with the block ```text behind it. */
export const stepsOf = (page: string): Step[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?/gs)].map(
    ([, commands = '', text = '']) => ({ commands, prints: text.split('\n').filter(Boolean) }),
  );

/** Runs commands as a user does who has a checkout of his own: in a folder with everything of this one but its data. */
export function openCheckout() {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  for (const name of readdirSync(root)) if (!name.startsWith('.')) symlinkSync(join(root, name), join(folder, name));
  const kept: ChildProcess[] = [];

  function run({ commands, prints }: Step, until: 'ended' | 'printed', env: NodeJS.ProcessEnv = {}): Promise<string> {
    const child = spawn('bash', ['-c', commands], { cwd: folder, env: { ...process.env, ...env }, detached: true });
    let output = '';
    return new Promise((resolve, reject) => {
      const add = (chunk: string): void => {
        output += chunk;
        if (until === 'printed' && missing(output, prints).length === 0) resolve(output);
      };
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', add);
      child.once('close', () =>
        until === 'ended' ? resolve(output) : reject(new Error(`${commands} has ended:\n${output}`)),
      );
      if (until === 'printed') kept.push(child);
    });
  }

  return {
    folder,
    /** Starts what a terminal keeps open. Resolves when it has printed its lines. */
    keep: (step: Step, env?: NodeJS.ProcessEnv): Promise<string> => run(step, 'printed', env),
    /**
     * Runs the commands of a step to their end. Those that only read are run again until they print the lines.
     * @returns the lines that are missing
     */
    async check(step: Step, { reads, env }: { reads: boolean; env?: NodeJS.ProcessEnv }): Promise<string> {
      const end = performance.now() + (reads ? 120_000 : 0);
      for (;;) {
        const output = await run(step, 'ended', env);
        const lines = missing(output, step.prints);
        if (lines.length === 0) return '';
        if (performance.now() > end) return `${step.commands}lacks:\n${lines.join('\n')}\nin:\n${output}`;
        await pause(2_000);
      }
    },
    async close(): Promise<void> {
      await Promise.all(
        kept.map(async (child) => {
          if (child.exitCode !== null || child.pid === undefined) return;
          const ended = new Promise((resolve) => child.once('close', resolve));
          process.kill(-child.pid, 'SIGINT');
          await ended;
        }),
      );
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Lines of a page that no line of the output has: … stands for any text, spaces for any number of them. */
function missing(output: string, lines: readonly string[]): string[] {
  const printed = output.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines.filter((line) => {
    const parts = line
      .trim()
      .replace(/\s+/g, ' ')
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}$`);
    return !printed.some((one) => pattern.test(one));
  });
}
