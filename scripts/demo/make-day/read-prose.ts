import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What people of one site wrote. A comment of "" means that someone left it empty. */
export interface Prose {
  readonly chats: readonly [Conversation, ...Conversation[]];
  readonly ratings: readonly [string, ...string[]];
  readonly wrapUps: readonly [string, ...string[]];
  readonly privateMessages: readonly [string, ...string[]];
  readonly offlineMessages: readonly [Letter, ...Letter[]];
}

export interface Conversation {
  readonly title: string;
  /** Who would write so: beginnings of language codes. Empty: anybody. */
  readonly languages: readonly string[];
  readonly turns: readonly Turn[];
}

/** One line of a chat: by the visitor, an agent or the system. */
interface Turn {
  readonly by: 'V' | 'A' | 'S';
  readonly text: string;
}

interface Letter {
  readonly title: string;
  readonly text: string;
}

/** Reads prose/{name}.txt: sections that begin with "== name"; chats and letters begin with "# title", a chat's perhaps with " | " and languages. */
export function readProse(name: string): Prose {
  const text = readFileSync(join(__dirname, 'prose', `${name}.txt`), 'utf8');
  const section = (title: string): string => text.split(`== ${title}\n`)[1]?.split('\n== ')[0]?.trim() ?? '';
  const lines = (title: string): string[] =>
    section(title)
      .split('\n')
      .map((line) => (line === '-' ? '' : line));
  const titled = (title: string): { title: string; lines: string[] }[] =>
    `\n${section(title)}`
      .split('\n# ')
      .slice(1)
      .map((block) => block.trim().split('\n'))
      .map(([first = '', ...rest]) => ({ title: first, lines: rest }));
  return {
    chats: atLeastOne(titled('chats').map(readConversation)),
    ratings: atLeastOne(lines('ratings')),
    wrapUps: atLeastOne(lines('wrap-ups')),
    privateMessages: atLeastOne(lines('private messages')),
    offlineMessages: atLeastOne(
      titled('offline messages').map((letter) => ({ title: letter.title, text: letter.lines.join('\n') })),
    ),
  };
}

/** Puts values into the places written as {name}. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

function readConversation(block: { title: string; lines: readonly string[] }): Conversation {
  const [title = '', languages] = block.title.split(' | ');
  return { title, languages: languages?.split(' ') ?? [], turns: block.lines.map(readTurn) };
}

function readTurn(line: string): Turn {
  const by = line.charAt(0);
  if (by !== 'V' && by !== 'A' && by !== 'S') throw new Error(`Not a line of a chat: ${line}`);
  return { by, text: line.slice(3) };
}

/** The list as one that is known to hold something. */
export function atLeastOne<T>([first, ...rest]: readonly T[]): readonly [T, ...T[]] {
  if (first === undefined) throw new Error('The prose lacks something.');
  return [first, ...rest];
}
