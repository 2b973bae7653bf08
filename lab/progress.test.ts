import { createProgress } from './progress';

function record(isTTY: boolean, everyMs?: number) {
  const written: string[] = [];
  const out = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream; // all that is used
  return { written, progress: createProgress({ out, ...(everyMs !== undefined && { everyMs }) }) };
}

test('on a terminal one line is written over, and makes room for lines that stay', () => {
  const { written, progress } = record(true);
  progress.show('1 of 2');
  progress.show('2 of 2');
  progress.say('done');
  progress.say('next');
  expect(written).toEqual(['\r\x1b[K1 of 2', '\r\x1b[K2 of 2', '\r\x1b[Kdone\n', 'next\n']);
});

test('elsewhere progress is plain lines, not more often than asked', () => {
  const { written, progress } = record(false, 60_000);
  progress.show('1 of 3');
  progress.show('2 of 3');
  progress.say('done');
  expect(written).toEqual(['1 of 3\n', 'done\n']);
});

test('the same progress is not shown twice', () => {
  const { written, progress } = record(false, 0);
  progress.show('1 of 2');
  progress.show('1 of 2');
  expect(written).toEqual(['1 of 2\n']);
});
