/** A chat server as a process of its own: publishes what its parent hands to it, and says what became of it. Its options are the argument. */
import { createPublisher, InvalidEvent, type EventType, type PublisherStatus, type Receipt } from '../../client';
import type { DayLine } from '../read-day';

export type Question = { readonly publish: DayLine } | 'status' | 'close';

/** The outcome of a call of publish. */
export interface Answer {
  readonly tookMs: number;
  readonly receipt?: Receipt;
  readonly refusal?: {
    readonly name: string;
    readonly message: string;
    /** True: to publish it again would not help. */
    readonly isFinal: boolean;
  };
}

export interface Reply {
  readonly answer?: Answer;
  readonly status?: PublisherStatus;
}

const publisher = createPublisher(JSON.parse(process.argv[2] ?? '{}'));

async function publish({ type, data, ...envelope }: DayLine): Promise<Answer> {
  const began = performance.now();
  try {
    const receipt = await publisher.publish(type as EventType, data, envelope); // one of the catalogue
    return { tookMs: performance.now() - began, receipt };
  } catch (error) {
    const { name, message } = error as Error; // publish throws nothing else
    const refusal = { name, message, isFinal: error instanceof InvalidEvent };
    return { tookMs: performance.now() - began, refusal };
  }
}

async function reply(question: Question): Promise<Reply> {
  if (typeof question === 'object') return { answer: await publish(question.publish) };
  if (question === 'close') await publisher.close();
  return { status: publisher.status() };
}

process.on('message', ({ n, question }: { n: number; question: Question }) => {
  void reply(question).then((said) => process.send?.({ n, reply: said }));
});
// Its parent has ended, however that was.
process.on('disconnect', () => process.exit());
