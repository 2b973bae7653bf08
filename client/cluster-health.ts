import { probeCluster, type ProbeOptions } from './probe-cluster';
import type { Failure } from './read-failure';
import type { ClusterOptions } from './publisher-options';
import type { Standing, Verdict } from './publisher';

export interface ClusterHealthOptions {
  /** Milliseconds that a probe's question may take. Default 2,000. */
  readonly probeDeadlineMs?: number;
  /** Milliseconds without a start that succeeded, although some were tried, after which it is down, even if it answers a probe. Default 60,000. */
  readonly takeoverAfterMs?: number;
  /** Default `probeCluster`. */
  readonly probe?: (where: ClusterOptions, options: ProbeOptions) => Promise<Failure | undefined>;
}

/** A start that takes longer says that the cluster has more than enough to do. */
export const SLOW_MS = 1_000;
/** A slow cluster is up again after so long without a sign of it. */
const SLOW_FOR_MS = 10_000;
/** Between probes of a cluster that is down: the first pause, each is twice as long as the one before, up to the longest. */
const PAUSE_MS = { first: 100, longest: 2_000 } as const;

const DEFAULTS = { probeDeadlineMs: 2_000, takeoverAfterMs: 60_000, probe: probeCluster } as const;

/**
 * How one cluster is: the one verdict that publisher, journal and sweep go by. Its owner reports each start with `succeeded` or
 * `failed`, and other calls without an answer with `doubt`.
 *
 * | verdict   | becomes                                                                                                  |
 * | --------- | -------------------------------------------------------------------------------------------------------- |
 * | up        | slow: a start took longer than a second, or is asked to come later, or had no answer and a probe had one   |
 * | up, slow  | down: a connection is refused or breaks, a probe has no answer, or no start succeeded for takeoverAfterMs |
 * |           | not ready: it answers that namespace or search attributes are missing, or that we may not come in         |
 * | slow      | up: a quick start, or ten seconds without a sign of it                                                   |
 * | down,     | up: a probe has started a workflow; it is probed after 0, 0.1, 0.2, ... up to 2 seconds                  |
 * | not ready | the other of the two: as the last probe has found it                                                     |
 */
export class ClusterHealth {
  readonly name: string;
  readonly #where: ClusterOptions;
  readonly #options: Required<ClusterHealthOptions>;
  readonly #listeners = new Set<() => void>();
  #standing: Standing = { verdict: 'up', since: Date.now(), reason: '' };
  #failure: Failure | undefined;
  /** By `performance.now()`, as all of these. When it went out; undefined: it is up or slow. */
  #outSince: number | undefined;
  #slowAt = -Infinity;
  /** The begin of the first start that failed since one succeeded, or since none failed for long. */
  #failingSince: number | undefined;
  #failedAt = -Infinity;
  #succeededAt = -Infinity;
  #hasAnswered = false;
  /** Probes that failed, one after the other. */
  #misses = 0;
  #asking: Promise<void> | undefined;
  #givingUp = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #watchEveryMs: number | undefined;
  #isClosed = false;

  constructor(where: ClusterOptions, options: ClusterHealthOptions = {}) {
    this.name = where.name;
    this.#where = where;
    this.#options = { ...DEFAULTS, ...options };
  }

  get standing(): Standing {
    const isOver = this.#standing.verdict === 'slow' && performance.now() - this.#slowAt > SLOW_FOR_MS;
    if (isOver) this.#become('up');
    return this.#standing;
  }

  /** The verdict that it goes back to; undefined while it is up. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** It may be given work: it is up or slow. */
  get isUsable(): boolean {
    return this.#outSince === undefined;
  }

  /** The same by an answer or the lack of one; undefined before the first. */
  get isReached(): boolean | undefined {
    return this.isUsable && !this.#hasAnswered ? undefined : this.isUsable;
  }

  /**
   * True when no server listens at its address, a probe agrees, and that has been so for `forMs`, or since the first start: one
   * that took starts before is probably being restarted.
   */
  refusesConnections(forMs: number): boolean {
    const isRefused = this.#misses > 0 && /ECONNREFUSED/.test(this.#failure?.reason ?? '');
    return isRefused && (this.#succeededAt === -Infinity || this.downForMs() >= forMs);
  }

  /** How long it has been down or not ready without a break, in milliseconds; 0 while it is usable. */
  downForMs(): number {
    return this.#outSince === undefined ? 0 : performance.now() - this.#outSince;
  }

  /** A start succeeded, after so many milliseconds. */
  succeeded(tookMs: number): void {
    this.#failingSince = undefined;
    this.#succeededAt = performance.now();
    this.#hasAnswered = true;
    if (!this.isUsable) return; // an answer from before it went out; a probe says when it is back
    if (tookMs > SLOW_MS) this.#become('slow', `a start took ${Math.round(tookMs)} ms`);
    else if (this.#standing.verdict === 'slow') this.#become('up');
  }

  /** A start failed, after so many milliseconds. Resolves with the verdict; a probe may be needed for it. */
  async failed(failure: Failure, tookMs: number): Promise<void> {
    if (!this.isUsable || this.#isClosed) return;
    const { verdict } = failure;
    if (verdict === 'refused' || verdict === 'too large') return this.succeeded(0); // about that event: it has answered
    const { takeoverAfterMs } = this.#options;
    const now = performance.now();
    if (now - this.#failedAt > takeoverAfterMs) this.#failingSince = undefined; // few are tried: one hours ago says nothing
    this.#failedAt = now;
    this.#failingSince ??= now - tookMs;
    if (verdict === 'suspect') {
      await this.#ask();
      if (this.isUsable) this.#become('slow', failure.reason, failure);
    } else {
      this.#become(VERDICTS[failure.verdict], failure.reason, failure);
    }
    if (performance.now() - (this.#failingSince ?? Infinity) < takeoverAfterMs || !this.isUsable) return;
    this.#become('down', `no start succeeded for ${takeoverAfterMs / 1000} s (${failure.reason})`, failure);
  }

  /** A call other than a start got no answer there. Resolves with the verdict. */
  async doubt(): Promise<void> {
    if (this.isUsable && !this.#isClosed) await this.#ask();
  }

  /** For an owner that starts nothing there, or seldom: from now on it is probed at this interval, at once to begin with, until `close`. */
  watch(everyMs: number): void {
    this.#watchEveryMs = everyMs;
    if (this.isUsable) this.#probeIn(0);
  }

  /** Calls `listener` each time it goes out or is back, and when a probe has found that it is still out. @returns the function that ends that */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Probes no more. Resolves when a probe that is under way has been given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#givingUp.abort();
    await this.#asking;
  }

  #become(verdict: Verdict, reason = '', failure?: Failure): void {
    const wasUsable = this.isUsable;
    const { since, verdict: before } = this.#standing;
    this.#standing = { verdict, since: verdict === before ? since : Date.now(), reason };
    this.#failure = failure;
    if (verdict === 'slow') this.#slowAt = performance.now();
    const isUsable = verdict === 'up' || verdict === 'slow';
    if (isUsable === wasUsable) return;
    this.#outSince = isUsable ? undefined : performance.now();
    this.#failingSince = undefined;
    this.#misses = 0;
    this.#probeNext();
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** One probe for all who ask while it is under way. */
  #ask(): Promise<void> {
    return (this.#asking ??= this.#judge().finally(() => (this.#asking = undefined)));
  }

  /** A cluster that is out comes back only when it starts workflows, too: only this probe pays for a try in vain. */
  async #judge(): Promise<void> {
    const { probe, probeDeadlineMs: deadlineMs } = this.#options;
    const withStart = !this.isUsable;
    this.#givingUp = new AbortController(); // one for each, as a call never stops listening to it
    const { signal } = this.#givingUp;
    const began = performance.now();
    const failure = await probe(this.#where, { deadlineMs, withStart, signal }).catch(unexpected);
    if (this.#isClosed) return;
    // When it is overloaded, it may answer a start and not this probe.
    if (failure?.verdict === 'suspect' && !withStart && this.#succeededAt > began) return;
    this.#misses += 1;
    this.#hasAnswered ||= failure === undefined || failure.verdict === 'busy';
    if (failure !== undefined) this.#become(VERDICTS[failure.verdict], failure.reason, failure);
    else if (withStart) this.#become('up');
    if (!this.isUsable) this.#notify();
  }

  #probeNext(): void {
    if (!this.isUsable) {
      const { first, longest } = PAUSE_MS;
      const pauseMs = this.#misses === 0 ? 0 : Math.min(longest, first * 2 ** (this.#misses - 1));
      this.#probeIn(pauseMs * (0.75 + Math.random() / 2)); // not all publishers at the same moment
    } else if (this.#watchEveryMs !== undefined) {
      this.#probeIn(this.#watchEveryMs);
    }
  }

  #probeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#ask().then(() => this.#probeNext()), ms);
    this.#timer.unref();
  }
}

const VERDICTS: Readonly<Record<Failure['verdict'], Verdict>> = {
  busy: 'slow',
  'not ready': 'not ready',
  refused: 'not ready', // a probe's question is always well formed
  dropped: 'down',
  suspect: 'down',
  'too large': 'down',
};

/** Such as an API key that could not be had. */
function unexpected(cause: unknown): Failure {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return { verdict: 'suspect', mayBeAccepted: false, reason: error.message, advice: '', cause: error };
}
