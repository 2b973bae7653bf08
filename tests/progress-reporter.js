'use strict';

const { execFileSync } = require('node:child_process');

/** Longer than any test of `npm test` may take; a long suite's test may take half an hour. */
const MINUTES = process.env.TEST_LONG === '1' ? 45 : 6;

/**
 * Ends a run in which no test has begun or ended for some minutes, and names the suites that were running. A test's own time-out cannot
 * do that: it never comes where a loop keeps the event loop of the suite's process to itself.
 */
class ProgressReporter {
  #running = new Set();
  #timer;
  #quietMs;

  constructor(_globalConfig, { quietMs = MINUTES * 60_000 } = {}) {
    this.#quietMs = quietMs;
  }

  onRunStart() {
    this.#note();
  }

  onTestFileStart({ path }) {
    this.#running.add(path);
    this.#note();
  }

  onTestCaseStart() {
    this.#note();
  }

  onTestCaseResult() {
    this.#note();
  }

  onTestFileResult({ path }) {
    this.#running.delete(path);
    this.#note();
  }

  onRunComplete() {
    clearTimeout(this.#timer);
  }

  #note() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#end(), this.#quietMs).unref();
  }

  async #end() {
    const suites = [...this.#running].map((path) => `\n  ${path}`).join('') || ' none';
    process.stderr.write(
      `\nNo test has begun or ended for ${this.#quietMs / 1000} s: the run is ended. Suites that were running:${suites}\n` +
        'The first suspect is a loop in one of them that never gives the event loop a turn. Run it alone: npx jest PATH\n',
    );
    for (const pid of findChildren()) endProcess(pid);
    await Promise.allSettled((globalThis.testServers ?? []).map((server) => server.stop()));
    process.exit(1);
  }
}

/** Processes of jest's workers, which would go on when this process ends while they are in such a loop. */
function findChildren() {
  try {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    return rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(' ').includes('processChild'))
      .map(([pid]) => Number(pid));
  } catch {
    return []; // no ps: they are left to the operating system
  }
}

function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

module.exports = ProgressReporter;
