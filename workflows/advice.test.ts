import { readFileSync } from 'node:fs';
import { failureTypes } from '../activities/failures';
import { adviseOn } from './advice';
import { describeEvent } from './describe-event';

const event = { key: 'Chat.Ended/7/5f3a', type: 'Chat.Ended', siteId: '7', deliveries: [] };
const parked = (label: string, failureType: string, connection?: string) => ({
  id: label,
  label,
  consumer: 'webhook',
  mode: 'remote' as const,
  state: 'parked' as const,
  mine: true,
  failureType,
  failureMessage: 'The endpoint\nsays no.',
  since: '2026-11-30T08:00:00Z',
  ...(connection !== undefined && { connection }),
});

it('has for each failure a text and commands of its own, and names the section of the runbook', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const types = Object.keys(failureTypes).filter((type) => type !== 'Paused'); // holds no workflow open
  const all = types.map((failureType) =>
    adviseOn({ failureType, connection: '7/webhook/main', siteId: '7', labels: ['Chat.Ended.Webhook'] }),
  );
  expect(new Set(all.map(({ text }) => text)).size).toBe(types.length);
  for (const [i, { commands, section }] of all.entries()) {
    expect(section).toBe(types[i]);
    expect(runbook).toContain(`\n### ${section}\n`);
    expect(commands.length).toBeGreaterThan(0);
  }
});

it('names a broken connection and the command that mends it, and advises no redrive', () => {
  const details = describeEvent(event, [
    parked('Chat.Ended.Webhook', 'ConnectionBroken', "7/webhook/Ann's shop"),
    parked('Chat.Ended.Email', 'Rejected', '7/email/smtp'),
    { ...parked('Chat.Ended', 'Rejected'), state: 'delivered' },
  ]);
  expect(details).toContain('**2 of 3 deliveries are parked.**');
  expect(details).toContain(
    '- **Chat.Ended.Webhook** since 2026-11-30T08:00:00Z: ConnectionBroken: The endpoint says no.',
  );
  const commands = details.split('\n').filter((line) => line.startsWith('chat-events-ops '));
  expect(commands).toEqual([
    `chat-events-ops connections mend '7/webhook/Ann'\\''s shop'`,
    'chat-events-ops deliveries redrive --site 7 --queue Chat.Ended.Email --failure Rejected',
    'chat-events-ops deliveries discard --site 7 --queue Chat.Ended.Email --failure Rejected',
  ]);
  expect(details).toContain('`redrive` or `discard`, with `["Chat.Ended.Email"]` as input');
  expect(details).not.toContain('|'); // the Web UI draws a table without space between its cells
});

it('gives what is parked alike one piece of advice', () => {
  const details = describeEvent(event, [
    parked('Chat.Ended.Webhook', 'Unavailable', '7/webhook/a'),
    parked('Chat.Ended.Webhook#2', 'Unavailable', '7/webhook/b'),
    parked('Chat.Ended.Ticket', 'Unexpected'),
    parked('Chat.Ended.Archive', 'Unexpected'),
  ]);
  expect(details.match(/\*\*Unavailable\*\*/g)).toHaveLength(2);
  expect(details.match(/\*\*Unexpected\*\* \(Chat\.Ended\.Ticket, Chat\.Ended\.Archive\)/g)).toHaveLength(1);
  expect(details).toContain('\nchat-events-ops deliveries redrive --site 7 --failure Unexpected\n');
});
