import { chatFor, openOrg } from '../../../tests/salesforce-org';
import { isSignIn } from './fake';

it('stops before the calls of the day are used up, and lets one delivery ask after half an hour', async () => {
  const org = await openOrg({ org: { callsPerDay: 40 } });
  const delivery = () => org.delivery(chatFor({ mode: 0, cases: { Subject: 'Invoice' } }));
  const calls = (): number => org.arrivals.filter((request) => !isSignIn(request)).length;
  while (calls() < 38) await delivery().attempt();
  const before = org.arrivals.length;
  const failure = await delivery().failure();
  expect(failure).toMatchObject({ type: 'RateLimited', details: { limit: 40 }, ofConnection: true });
  expect(failure).toMatchObject({ message: expect.stringMatching(/^Salesforce has counted (38|39) of the 40 calls/) });
  expect(org.arrivals).toHaveLength(before);
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + 30 * 60_000);
  await delivery()
    .attempt()
    .catch(() => {});
  jest.restoreAllMocks();
  expect(org.arrivals.length).toBeGreaterThan(before);
  await org.close();
});
