import fc from 'fast-check';
import { readEvent } from '../read-event';
import { trimBlanks } from './blanks';

const fallback = { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' };
const blanks = fc.string({
  unit: fc.constantFrom(' ', '\n', '\u00a0', '\u200b', '\u200e', '\ufeff', '\u00ad'),
  maxLength: 3,
});

it('a text without the blanks at its ends has none, and is the same when they are left out again', () => {
  fc.assert(
    fc.property(blanks, fc.string({ unit: 'binary' }), blanks, (before, text, after) => {
      const trimmed = trimBlanks(`${before}${text}${after}`);
      expect(trimBlanks(trimmed)).toBe(trimmed);
      expect(text).toContain(trimmed);
    }),
  );
});

it('blanks around an entry change neither key nor hash', () => {
  const around = (value: string) => fc.tuple(blanks, blanks).map(([before, after]) => `${before}${value}${after}`);
  const entered = fc.record({
    SiteId: around('7'),
    ChatId: around('c-1'),
    PreChatName: around('Ann Example'),
    PreChatEmail: around('ann@example.com'),
    PreChatPhone: around('+1 555 0100'),
    PreChatCompany: blanks,
  });
  const plain = { SiteId: 7, ChatId: 'c-1', PreChatName: 'Ann Example', PreChatEmail: 'ann@example.com' };
  const expected = readEvent({ type: 'Chat.Ended', data: { ...plain, PreChatPhone: '+1 555 0100' } }, fallback);
  fc.assert(
    fc.property(entered, (data) => {
      expect(readEvent({ type: 'Chat.Ended', data }, fallback)).toEqual(expected);
    }),
  );
});
