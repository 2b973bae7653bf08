import { readInput } from './read-input';

const STARTED = '2026-01-01T00:00:00.000Z';
const ban = (id: string) => ({
  type: 'Agent.Ban',
  siteId: '1',
  id,
  data: { SiteId: 1, BanType: 0, IpFromOrVisitorId: 9 },
});

it.each([
  ['batch/5d1f3a52-4a5e-5a55-8d2e-0d7b0f1f6f2e', 'kept'],
  ['ride/5d1f3a52-4a5e-5a55-8d2e-0d7b0f1f6f2e', 'kept'],
  ['a-workflow-of-another-client', 'read'],
])('the id of an event that the workflow %s has is %s', (workflowId, verdict) => {
  const given = '{6F9619FF-8B86-D011-B42D-00CF4FC964FF}';
  const { key } = readInput(ban(given), 0, 2, workflowId, STARTED);
  expect(key).toBe(`Agent.Ban/1/${verdict === 'kept' ? given : '6f9619ff-8b86-d011-b42d-00cf4fc964ff'}`);
});
