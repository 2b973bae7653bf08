import { flag, number, oneOf, readArguments, text } from './command-line';

const table = {
  json: flag,
  events: number(250),
  rate: number(undefined, { least: 0.1, isWhole: false }),
  port: number(8501, { least: 0, most: 65_535 }),
  only: oneOf(['alone', 'memory', 'large']),
  profile: text(undefined),
};
const read = (...args: string[]) => readArguments(args, 'USAGE', table);

it('reads numbers, words and switches, and has a default for each', () => {
  const defaults = { json: false, events: 250, rate: undefined, port: 8501, profile: undefined };
  expect(read()).toEqual({ ...defaults, only: ['alone', 'memory', 'large'] });
  expect(read('--json', '--events', '7', '--rate=1.5', '--port', '0', '--only', 'large,alone')).toEqual({
    ...defaults,
    json: true,
    events: 7,
    rate: 1.5,
    port: 0,
    only: ['alone', 'large'],
  });
  expect(read('-h')).toBeUndefined();
});

it.each([
  [['--events', '0'], '--events takes a whole number from 1 to 999999999.'],
  [['--events', '1.5'], '--events takes a whole number'],
  [['--events', ''], '--events takes a whole number'],
  [['--rate', 'fast'], '--rate takes a number from 0.1'],
  [['--port', '65536'], '--port takes a whole number from 0 to 65535.'],
  [['--only', 'large,small'], '--only does not know "small".'],
  [['--unknown'], 'Unknown option'],
])('refuses %s', (args, message) => {
  expect(() => read(...args)).toThrow(message);
});

it('shows the usage with an error', () => {
  expect(() => read('--port', 'x')).toThrow(/\n\nUSAGE$/);
});
