import { exampleEvent } from '../../../../tests/send-request';

it('reads what a chat server sends', () => {
  const { data } = exampleEvent('Agent.Login', { OperatorId: 16, AgentId: null });
  expect(data).toMatchObject({ siteId: '10001', agentId: '16', at: '2026-01-02T08:00:00.000Z', device: 'desktop' });
});
