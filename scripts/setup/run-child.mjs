import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end: `{ code, signal, stderr }`, stderr being the end of its standard error if that is piped.
 * A signal that ends set-up ends the program too. Throws when it cannot be started.
 */
export function runChild(file, args, options) {
  return new Promise((resolve, reject) => {
    const stop = (signal) => {
      child.kill(signal);
      child.once('close', () => process.kill(process.pid, signal));
    };
    // Before the program runs: a signal in between would end set-up alone.
    for (const signal of SIGNALS) process.once(signal, stop);
    const child = spawn(file, args, options);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-2_000)));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of SIGNALS) process.removeListener(name, stop);
      resolve({ code, signal, stderr: stderr.trim() });
    });
  });
}
