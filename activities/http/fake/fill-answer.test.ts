import { fillAnswer } from './fill-answer';

const shape = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: { error: '{error}', text: 'No {thing} {id}', ids: ['{id}'], none: '{none}' },
  source: 'nowhere',
  checked: '2026-11-30',
};

it('fills places with values of any kind, and in texts with what they look like', () => {
  const filled = fillAnswer(shape, { error: { title: 'x' }, thing: 'ticket', id: 7, none: undefined });
  expect(filled).toEqual({
    status: 404,
    headers: shape.headers,
    body: '{"error":{"title":"x"},"text":"No ticket 7","ids":[7]}',
  });
});

it('refuses a place without a value, and a value without a place', () => {
  expect(() => fillAnswer(shape, { error: 'x' })).toThrow('There is no value for the place {thing}.');
  const values = { error: 'x', thing: 'y', id: 1, none: null, more: 2 };
  expect(() => fillAnswer(shape, values)).toThrow('There is no place for more.');
});
