import { inspect } from 'node:util';
import { classifyFailure, DeliveryFailure, failureTypes, isDataError } from './failures';

const sqlError = (code: string, more = {}) =>
  Object.assign(new Error('value "secret@example.com" is bad'), { severity: 'ERROR', code, ...more });

describe('classifyFailure', () => {
  it.each([
    ['22001', 'Rejected', false],
    ['22P05', 'Rejected', false],
    ['23514', 'Rejected', false],
    ['54000', 'Rejected', false],
    ['08006', 'Unavailable', true],
    ['25006', 'Unavailable', true],
    ['40P01', 'Unavailable', true],
    ['53300', 'Unavailable', true],
    ['55000', 'Unavailable', true],
    ['57014', 'Unavailable', true],
    ['58030', 'Unavailable', true],
    ['XX000', 'Unavailable', true],
    ['42P01', 'Unexpected', false],
    ['P0001', 'Unexpected', false],
  ])('makes of SQLSTATE %s the failure %s', (code, type, ours) => {
    expect(classifyFailure(sqlError(code))).toMatchObject({ type, ours, details: { sqlState: code } });
  });

  it('says that the database did not answer, which costs no try', () => {
    const error = Object.assign(new Error('The database did not answer (ECONNREFUSED).'), {
      name: 'DatabaseUnavailable',
    });
    expect(classifyFailure(error)).toMatchObject({ type: 'Unavailable', ours: true });
  });

  it('keeps what a consumer recognised', () => {
    const error = new DeliveryFailure('RateLimited', 'slow down', { retryAfterMs: 5, details: { status: 429 } });
    expect(classifyFailure(error)).toBe(error);
  });

  it.each([
    [new TypeError('secret@example.com')],
    ['secret@example.com'],
    [null],
    [{ message: 'secret@example.com' }],
    [sqlError('23505', { constraint: 'chat_pkey', table: 'chat' })],
  ])('never repeats what an error says, as it may quote data: %#', (error) => {
    const failure = classifyFailure(error);
    expect(inspect(failure)).not.toContain('secret');
    expect(failureTypes[failure.type]).toBeDefined();
  });

  it('names the constraint that refused the data', () => {
    const { message } = classifyFailure(sqlError('23505', { constraint: 'chat_pkey', table: 'chat' }));
    expect(message).toContain('chat, chat_pkey');
  });
});

it('takes only the classes 22, 23 and 54 for errors of the data', () => {
  expect(['22001', '23505', '54000', '55000', '57014', '42P01'].map((code) => isDataError(sqlError(code)))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
