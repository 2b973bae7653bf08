/** A chat server as a process of its own, or the sidecar of one: publishes the events of its parent, and tells the results. */
import { writeFile } from 'node:fs/promises';
import { createPublisher, InvalidEvent, type PublisherOptions, type PublisherStatus, type Receipt } from '../../client';
import { readIngressConfig } from '../../ingress/config';
import { startIngress } from '../../ingress/start-ingress';
import { formatTokens, makeToken } from '../../ingress/token-file';
import { NotAccepted, publishByHttp } from '../publish-by-http';
import { publishBy } from '../publish-day';
import type { DayLine } from '../read-day';

/** JSON of the process's one argument. */
export interface PublisherArgument {
  readonly options: PublisherOptions;
  readonly isSidecar: boolean;
}

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

const { isSidecar, options } = JSON.parse(process.argv[2] ?? '{}') as PublisherArgument; // its parent writes it
const door = isSidecar ? openSidecar(options) : Promise.resolve(openPublisher(options));

interface Door {
  publish(line: DayLine): Promise<Receipt>;
  status(): PublisherStatus;
  close(): Promise<void>;
}

function openPublisher(given: PublisherOptions): Door {
  const publisher = createPublisher(given);
  return { publish: publishBy(publisher), status: () => publisher.status(), close: () => publisher.close() };
}

/** In the folder of its journal. */
async function openSidecar(given: PublisherOptions): Promise<Door> {
  const { token, stored } = makeToken({ name: 'drill', sites: '*' });
  const JOURNAL_DIR = given.journal?.dir ?? '';
  const INGRESS_TOKENS_FILE = `${JOURNAL_DIR}-tokens.json`;
  await writeFile(INGRESS_TOKENS_FILE, formatTokens([stored]));
  const config = readIngressConfig({ INGRESS_PORT: '0', INGRESS_TOKENS_FILE, JOURNAL_DIR });
  const ingress = await startIngress({ ...config, publisher: given });
  return {
    publish: (line) => publishByHttp({ url: ingress.url, token }, line),
    status: () => ingress.status(),
    close: () => ingress.stop(),
  };
}

async function publish(line: DayLine): Promise<Answer> {
  const began = performance.now();
  try {
    const receipt = await (await door).publish(line);
    return { tookMs: performance.now() - began, receipt };
  } catch (error) {
    const { name, message } = error as Error; // publish throws nothing else
    const isFinal = error instanceof NotAccepted ? error.isFinal : error instanceof InvalidEvent;
    const refusal = { name, message, isFinal };
    return { tookMs: performance.now() - began, refusal };
  }
}

async function reply(question: Question): Promise<Reply> {
  if (typeof question === 'object') return { answer: await publish(question.publish) };
  const opened = await door;
  if (question === 'close') await opened.close();
  return { status: opened.status() };
}

process.on('message', ({ n, question }: { n: number; question: Question }) => {
  void reply(question).then((said) => process.send?.({ n, reply: said }));
});
// Its parent has ended, however that was.
process.on('disconnect', () => process.exit());
