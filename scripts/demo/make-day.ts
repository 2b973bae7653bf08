/**
 * Writes scripts/demo/day.ndjson, the day that the demo publishes: `npx tsx scripts/demo/make-day.ts`.
 *
 * Three sites on 20 November 2026. One event per line, `{ "type", "id"?, "receivedAt"?, "data" }`, data as Newtonsoft.Json
 * prints the chat server's classes. The same file comes out on every run; it is in the repository, so nothing runs this
 * but a person who changed it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant } from './make-day/clock';
import { lineText, type Line } from './make-day/line';
import { planChats } from './make-day/plan-chats';
import { createRandom, type Random } from './make-day/random';
import { readProse } from './make-day/read-prose';
import { outdoor, tea, travel } from './make-day/sites';
import { writeChat } from './make-day/write-chat';
import { writeFollowUps } from './make-day/write-follow-ups';
import { invalidLines, writeOddities } from './make-day/write-oddities';
import { writeOfflineMessages } from './make-day/write-offline-messages';
import { writeSiteLogs } from './make-day/write-site-logs';

/** The lines of the day, in the order in which they reach the publisher. */
export function makeDay(seed = 20261120): string[] {
  const random = createRandom(seed);
  const parts = [
    { site: outdoor, prose: readProse('outdoor'), chats: 42 },
    { site: tea, prose: readProse('tea'), chats: 33 },
    { site: travel, prose: readProse('travel'), chats: 25 },
  ].map(({ site, prose, chats: count }) => {
    const chats = planChats(site, prose, count, random);
    const ended = chats.map((chat) => writeChat(chat, random));
    const followUps = chats.flatMap((chat) => writeFollowUps(chat, prose, random));
    const offline = writeOfflineMessages(site, prose, chats, random);
    return { chats, lines: [...ended, ...followUps, ...offline, ...writeSiteLogs(site, prose, random)] };
  });
  const chats = parts.flatMap((part) => part.chats);
  const lines = [...parts.flatMap((part) => part.lines), ...writeOddities(chats, random)];
  const sent = [...lines, ...repeats(lines, random)]
    .map((line) => ({ line, order: random.chance(0.06) ? line.at + random.between(-3_000_000, 3_000_000) : line.at }))
    .sort((a, b) => a.order - b.order)
    .map(({ line }) => lineText(line));
  const invalid = invalidLines(chats, random);
  return invalid.reduce((day, text, n) => day.toSpliced(25 + n * Math.floor(day.length / 10), 0, text), sent);
}

/** A chat server that got no answer sends again: the very same line, or the same chat at a later time. */
function repeats(lines: readonly Line[], random: Random): Line[] {
  const withId = lines.filter(({ id }, n) => id !== undefined && n % 37 === 5);
  const chats = lines.filter(({ type, id }, n) => type === 'Chat.Ended' && id === undefined && n % 20 === 3);
  return [
    ...withId.map((line) => ({ ...line, at: line.at + random.between(1_000, 40_000) })),
    ...chats.map((line) => ({ ...line, at: line.at + 61_000, receivedAt: instant(line.at + 61_000) })),
  ];
}

if (require.main === module) {
  const day = makeDay();
  writeFileSync(join(__dirname, 'day.ndjson'), `${day.join('\n')}\n`);
  console.log(`day.ndjson: ${day.length} lines`);
}
