import { codes, statuses } from './zendesk-codes';
import { ZendeskRefusal } from './zendesk-failure';

const refusal = (status: number, body: unknown = '') =>
  new ZendeskRefusal({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) });

const codeRows = [
  ['IdempotentRequestError', 400, 'Rejected'],
  ['DatabaseConflict', 400, 'Unavailable'],
  ['TooManyJobs', 403, 'RateLimited'],
  ['unavailable', 422, 'Unavailable'],
  ['invalid_token', 400, 'ConnectionBroken'],
  ['insufficient_scope', 403, 'ConnectionBroken'],
  ['SupportProductInactive', 403, 'ConnectionBroken'],
  ['AccountSuspended', 403, 'ConnectionBroken'],
  ['AccountNotFound', 404, 'InvalidConfig'],
] as const;

it.each(codeRows)('%s (%d) is %s', (error, status, type) => {
  for (const any of [status, 500, 503]) {
    expect(refusal(any, { error })).toMatchObject({ type, details: { error } });
  }
  expect(refusal(302, { error })).toMatchObject({ type: 'InvalidConfig' });
});

const statusRows = [
  [401, 'ConnectionBroken'],
  [402, 'ConnectionBroken'],
  [403, 'ConnectionBroken'],
  [408, 'Unavailable'],
  [409, 'Unavailable'],
  [413, 'Rejected'],
  [421, 'Unavailable'],
  [423, 'Unavailable'],
  [425, 'Unavailable'],
  [429, 'RateLimited'],
] as const;

it.each([
  ...statusRows,
  [301, 'InvalidConfig'],
  [302, 'InvalidConfig'],
  [308, 'InvalidConfig'],
  [400, 'Rejected'],
  [404, 'InvalidConfig'],
  [422, 'Rejected'],
  [500, 'Unavailable'],
  [503, 'Unavailable'],
  [520, 'Unavailable'],
] as const)('status %d without a word of Zendesk is %s', (status, type) => {
  expect(refusal(status)).toMatchObject({ type });
});

describe('403', () => {
  it.each([
    '',
    '<h1>Access denied</h1>',
    { error: 'Forbidden' },
    { error: { title: 'Forbidden' } },
    { error: 'Other' },
  ])('%j is of the user or the place it signs in from', (body) =>
    expect(refusal(403, body)).toMatchObject({ type: 'ConnectionBroken' }),
  );

  it.each(['RecordInvalid', 'RecordNotFound'])('%s is of the ticket', (error) => {
    expect(refusal(403, { error })).toMatchObject({ type: 'Rejected' });
  });

  it('for one ticket that is there breaks nothing', () => {
    expect(new ZendeskRefusal({ status: 403, headers: {}, body: '' }, 'ticket')).toMatchObject({ type: 'Rejected' });
  });
});

it.each(['constructor', '__proto__', 'toString'])('knows no word %s', (error) => {
  expect(refusal(422, { error })).toMatchObject({ type: 'Rejected' });
  expect(refusal(500, { error })).toMatchObject({ type: 'Unavailable' });
});

it.each(['RecordNotFound', 'InvalidEndpoint', 'SomethingNew'])('404 %s is a refusal of the ticket', (error) => {
  expect(refusal(404, { error })).toMatchObject({ type: 'Rejected' });
});

it('has a test for each code and each status', () => {
  expect(Object.keys(codes).toSorted()).toEqual(codeRows.map(([code]) => code as string).toSorted());
  expect(Object.keys(statuses)).toEqual(statusRows.map(([status]) => String(status)));
});

describe("Zendesk's reasons", () => {
  const invalid = (details: object) => refusal(422, { error: 'RecordInvalid', description: 'said', details });

  it.each([
    [{ requester: [{ description: 'Requester: Ann Example is suspended.' }] }, { requester: ['UserSuspended'] }],
    [{ requester: [{ description: 'said', error: 'UserSuspended' }] }, { requester: ['UserSuspended'] }],
    [{ name: [{ description: 'Name: cannot be blank', error: 'BlankValue' }] }, { name: ['BlankValue'] }],
    [
      { email: [{ description: 'Email: ann@x is not properly formatted' }, { description: 'Email: is required' }] },
      { email: ['InvalidFormat', 'BlankValue'] },
    ],
    [{ base: [{ description: 'The file type and file extension do not match.' }] }, { base: ['FileType'] }],
    [{ base: { description: 'said', error: 'TooLong' } }, { base: ['TooLong'] }],
  ])('%j are kept as %j, and shown', (details, reasons) => {
    const { details: kept, message } = invalid(details);
    expect(kept).toEqual({ status: 422, error: 'RecordInvalid', fields: Object.keys(details), reasons });
    for (const [field, found] of Object.entries(reasons))
      expect(message).toContain(`(${field}: ${found.join(' and ')})`);
    expect(message + JSON.stringify(kept)).not.toMatch(/Ann|ann@x/);
  });

  it('are none where Zendesk gives only texts that are not known', () => {
    const { details, message } = invalid({ requester: [{ description: 'Ann Example is odd', error: 'Ann Example' }] });
    expect(details).toEqual({ status: 422, error: 'RecordInvalid', fields: ['requester'] });
    expect(message).not.toContain('Ann');
  });

  it('are the title where the error is an object', () => {
    expect(refusal(403, { error: { title: 'Forbidden', message: 'Ann' } })).toMatchObject({
      type: 'ConnectionBroken',
      details: { status: 403, error: 'Forbidden' },
    });
  });
});
