import { aborted } from './aborted';
import { ENDED } from '../ended';

/** The time that one send may take. Only a send that is complete, and whose answer is missing, may take longer: it is late then. */
export class AnswerDeadline {
  /** Aborted at the deadline and when the attempt is cancelled. */
  readonly signal: AbortSignal;
  isLate = false;
  private unanswered = 0;
  private readonly deadline: AbortSignal;
  private readonly ended = new AbortController();

  constructor(timeoutMs: number, cancelled: AbortSignal) {
    this.deadline = AbortSignal.timeout(timeoutMs);
    this.signal = AbortSignal.any([this.deadline, cancelled]);
  }

  get isOver(): boolean {
    return this.deadline.aborted;
  }

  /** As SendRequest has it. */
  readonly allSent = (): (() => void) => {
    this.unanswered += 1;
    return () => void (this.unanswered -= 1);
  };

  /** The result of the send; the deadline ends a send of a consumer that ignores its signal, too. */
  async hold<T>(sending: Promise<T>, onLate: () => void): Promise<T> {
    return await Promise.race([sending, this.wait(sending, onLate)]);
  }

  /** Lets go of everything that waits for the deadline. */
  end(): void {
    this.ended.abort(ENDED);
  }

  private async wait<T>(sending: Promise<T>, onLate: () => void): Promise<T> {
    await aborted(this.signal, this.ended.signal);
    if (this.unanswered === 0) await aborted(this.deadline, this.ended.signal);
    if (this.unanswered === 0) throw this.deadline.reason;
    this.isLate = true;
    onLate();
    return await sending;
  }
}
