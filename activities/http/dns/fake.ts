import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

/** The answer to a question; 'silent' = never any. */
export type DnsAnswer = readonly string[] | 'silent' | keyof typeof CODES;

export interface DnsServerOptions {
  /** Addresses of a name, in lower case; of both families together. Asked for each question; undefined = no such name. */
  readonly answer: (name: string) => DnsAnswer | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

/** RFC 1035, 4.1.1. */
const CODES = { SERVFAIL: 2, REFUSED: 5 };

const TYPES: Readonly<Record<number, 'ipv4' | 'ipv6'>> = { 1: 'ipv4', 28: 'ipv6' };

/** A name server on 127.0.0.1, by UDP, that answers questions for A and AAAA as it is told. */
export async function startDnsServer({ answer, port = 0 }: DnsServerOptions) {
  /** May be changed while it runs. */
  const script = { answer };
  const questions: string[] = [];
  const happenings = new EventTarget();
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port: from }) => {
    const question = readQuestion(message);
    questions.push(question.name);
    happenings.dispatchEvent(new Event('question'));
    const says = script.answer(question.name);
    if (says !== 'silent') socket.send(compose(message, question, says), from, address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    script,
    /** Names in the order in which they were asked for, once for A and once for AAAA. */
    questions,
    /** Resolves with the next question. */
    next: async (): Promise<void> => void (await once(happenings, 'question')),
    close: async (): Promise<void> => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where it ends in the message. */
  readonly end: number;
}

function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]; length; length = message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function compose(message: Buffer, { type, end }: Question, says: Exclude<DnsAnswer, 'silent'> | undefined): Buffer {
  const all = typeof says === 'string' || says === undefined ? [] : says.map((text) => ipaddr.parse(text));
  const records = all.filter((address) => address.kind() === TYPES[type]).map((address) => address.toByteArray());
  const head = Buffer.from(message.subarray(0, end));
  const code = typeof says === 'string' ? CODES[says] : says === undefined ? 3 : 0;
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([
    head,
    ...records.map((bytes) => Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes])),
  ]);
}
