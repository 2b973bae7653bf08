import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { atMost } from '../client/at-most';

export interface ServerOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Both output streams are appended here. */
  readonly logFile: string;
  /** Signal that asks the server for an orderly end. */
  readonly stopSignal: NodeJS.Signals;
  /** Default false: a guard ends the server with this process. True: it goes on. */
  readonly outlivesUs?: boolean | undefined;
  /** Called with how the process ended, when it ended without being stopped here. */
  readonly onUnaskedEnd?: OnUnaskedEnd | undefined;
  /** Folder to delete if this process dies without stopping the server. */
  readonly removeIfOrphaned?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** `how` is a phrase such as `exit code 1`. */
export type OnUnaskedEnd = (how: string, logFile: string) => void;

export interface ServerProcess {
  readonly pid: number;
  /** Resolves with a phrase such as `exit code 1` when the process ends, for any reason. Never rejects. */
  readonly exited: Promise<string>;
  running(): boolean;
  /** Sends the signals one after the other, waiting the given milliseconds after each, then SIGKILL. Resolves when the process is gone. */
  end(...steps: readonly (readonly [NodeJS.Signals, number])[]): Promise<void>;
}

// Reads until its standard input closes, which the kernel does however the parent ends. Then it ends the server.
const GUARD = `
trap '' INT TERM HUP
read _
kill -"$2" "$1" 2>/dev/null
n=0
while kill -0 "$1" 2>/dev/null && [ $n -lt 10 ]; do sleep 1; n=$((n+1)); done
kill -KILL "$1" 2>/dev/null
[ -z "$3" ] || rm -rf "$3"
`;

/**
 * Starts a long-running server in its own process group, so that Ctrl-C reaches only this process, which stops the servers in order.
 * The server does not outlive this process, unless it is meant to: a guard stops it on SIGINT, SIGTERM, SIGKILL and crashes alike.
 * Throws when the executable cannot be started.
 */
export async function spawnServer(options: ServerOptions): Promise<ServerProcess> {
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.file, options.args, {
    env: options.env,
    stdio: ['ignore', log, log],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  const sent = new Set<NodeJS.Signals>();
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      // SIGKILL leaves no process the time for a code of its own.
      const isAsked = signal === null ? [...sent].some((one) => one !== 'SIGKILL') : sent.has(signal);
      if (!isAsked) options.onUnaskedEnd?.(how, options.logFile);
      resolve(how);
    });
  });
  const send = (signal: NodeJS.Signals): void => {
    sent.add(signal);
    child.kill(signal);
  };
  await new Promise((resolve, reject) => child.once('spawn', () => resolve(undefined)).once('error', reject));
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.file} could not be started: see that it is there and executable.`);
  const guard = options.outlivesUs ? undefined : guardAgainstOrphans(child, pid, options);
  child.once('exit', () => guard?.kill('SIGKILL'));
  child.unref();
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    exited,
    running,
    async end(...steps) {
      for (const [signal, patience] of steps) {
        if (!running()) return;
        send(signal);
        if (await atMost(patience, exited)) return;
      }
      if (running()) send('SIGKILL');
      await atMost(10_000, exited);
    },
  };
}

/** Lines of the stack that a Go program writes below the message of its panic, at most. */
const STACK_LINES = 60;

/** The last lines of a log, or those from a panic's message on, for an error message; empty when there is no log. */
export function logTail(file: string, lines = 15): string {
  try {
    const last = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-STACK_LINES);
    const panic = last.findLastIndex((line) => line.startsWith('panic: '));
    return (panic < 0 ? last.slice(-lines) : last.slice(panic, panic + lines)).join('\n');
  } catch {
    return '';
  }
}

function guardAgainstOrphans(child: ChildProcess, pid: number, options: ServerOptions): ChildProcess | undefined {
  if (process.platform === 'win32') {
    process.once('exit', () => child.kill());
    return undefined;
  }
  const signal = options.stopSignal.replace('SIG', '');
  const guard = spawn('sh', ['-c', GUARD, 'guard', String(pid), signal, options.removeIfOrphaned ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.once('error', () => undefined);
  guard.stdin?.once('error', () => undefined);
  guard.unref();
  // A pipe to a child is a socket in Node; its type does not say so. Without unref an idle guard would keep this process alive.
  (guard.stdin as unknown as { unref(): void } | null)?.unref();
  return guard;
}
