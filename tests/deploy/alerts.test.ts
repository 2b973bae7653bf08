import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsOf, readAlerts, readPanelExpressions } from '../alert-expressions';

const read = (path: string): string => readFileSync(join(__dirname, '..', '..', path), 'utf8');
const groups = readAlerts();
const alerts = [...groups.values()].flat();

it('each alert has a severity and a section of the runbook', () => {
  const anchors = [...read('docs/runbook.md').matchAll(/^##+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(alerts.length).toBeGreaterThan(30);
  for (const { alert, labels, annotations } of alerts) {
    expect({ alert, severity: labels.severity }).toEqual({ alert, severity: expect.stringMatching(/^(page|ticket)$/) });
    const [page, anchor] = annotations.runbook_url.split('#');
    expect({ alert, page, known: anchors.includes(anchor ?? '') }).toEqual({
      alert,
      page: 'docs/runbook.md',
      known: true,
    });
  }
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
});

it('docs/alarms.md and the alerts are about the same metrics', () => {
  const cells = [...read('docs/alarms.md').matchAll(/^\| `([^`]*)`/gm)].map(([, cell = '']) =>
    cell.replaceAll('\\', ''),
  );
  const named = cells.flatMap((cell) => metricsOf([cell]));
  expect([...new Set(named)].sort()).toEqual(metricsOf(alerts.map(({ expr }) => expr)));
});

it('alerts and dashboard use only metrics of docs/metrics.md, of the SDK and of the servers', () => {
  const used = metricsOf([...alerts.map(({ expr }) => expr), ...readPanelExpressions()]);
  const ours = used.filter((name) => name.startsWith('chat_events_'));
  const listed = new Set([...read('docs/metrics.md').matchAll(/^\| `(chat_events_\w+)`/gm)].map(([, name]) => name));
  expect(ours.length).toBeGreaterThan(15);
  expect(ours.filter((name) => !listed.has(name))).toEqual([]);
});

const promtool = process.env['PROMTOOL'] ?? 'promtool';
const isThere = spawnSync(promtool, ['--version']).status === 0;
const title = 'the alerts';

(isThere ? describe : describe.skip)(isThere ? title : `${title} (skipped: no promtool; PROMTOOL names one)`, () => {
  it.each(['check rules alerts.yaml', 'test rules alerts.test.yaml'])('pass promtool %s', (command) => {
    const options = { cwd: 'deploy/prometheus', encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(promtool, command.split(' '), options);
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  });
});
