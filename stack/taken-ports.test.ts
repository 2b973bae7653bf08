import { takenPorts } from './taken-ports';

test('each port that was taken, and none that was not needed', () => {
  const taken = takenPorts([
    [7233, '127.0.0.1:7233'],
    [8233, 'http://127.0.0.1:8233'],
    [5432, undefined],
    [7234, '127.0.0.1:40001'],
    [8234, 'http://127.0.0.1:40002'],
    [9464, ':40003'],
  ]);
  expect(taken).toEqual([7234, 8234, 9464]);
});
