import { openOrg } from '../../../tests/salesforce-org';
import { exampleEvent } from '../../../tests/send-request';

let org: Awaited<ReturnType<typeof openOrg>>;
beforeEach(async () => void (org = await openOrg()));
afterEach(() => org.close());

it.each([
  ['\u200b', '@ {record.id}.pdf'],
  ['\u202e\u00ad', '@ {record.id}.pdf'],
  ['', '@ {record.id}.pdf'],
  ['\n', '@ {record.id}.pdf'],
])('makes no reference of the name of a file with %j in it', async (hidden, expected) => {
  const file = (name: string, position: number) => ({ position, name, content: Buffer.from('x') });
  const files = [`@${hidden}{record.id}.pdf`, `${`@${hidden}{`.repeat(120)}.pdf`].map(file);
  const offlineMessage = { mode: 'createCase', caseFields: { Subject: { from: 'title' } } };
  await org.delivery(exampleEvent('OfflineMessage.Submit'), { config: { offlineMessage }, files }).attempt();
  const [first = '', second = ''] = org.records('ContentVersion').map(({ values }) => String(values['Title']));
  expect(first).toBe(expected);
  expect(second).toMatch(/^(?:@ \{)+.*\.pdf$/);
  expect(second).not.toContain('@{');
  expect(second.length).toBeLessThanOrEqual(255);
});
