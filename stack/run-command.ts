import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

export interface CommandResult {
  readonly code: number;
  /** Both streams in the order of arrival; empty when they were shown. */
  readonly output: string;
}

export interface CommandOptions {
  /** True: output goes to the terminal as it comes, not into the result. */
  readonly show?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: this process's folder. */
  readonly cwd?: string;
}

/** Runs a program of node_modules/.bin or the PATH to its end. A program that cannot be started is code 127. */
export function runCommand(
  command: readonly string[],
  { show = false, env = {}, cwd = process.cwd() }: CommandOptions = {},
): Promise<CommandResult> {
  const [file = '', ...args] = command;
  const path = [join('node_modules', '.bin'), process.env['PATH']].join(delimiter);
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env, PATH: path },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', ({ message }) => resolve({ code: 127, output: message }));
    child.once('close', (code, signal) => {
      if (code !== null) resolve({ code, output });
      else resolve({ code: 1, output: `${output}\nEnded by ${signal}.` });
    });
  });
}
