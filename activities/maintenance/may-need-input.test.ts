import type { Owner } from '../../db/owner';
import { useDatabase, type OpenDatabase } from '../../tests/database';
import { newEvent } from '../../tests/new-event';
import { mayNeedInput } from './may-need-input';
import type { Runs } from './runs';

let opened: OpenDatabase;
useDatabase((database) => (opened = database));

const recorded = 'Agent.Ban/1/recorded';
beforeAll(() =>
  opened.db.insertEvents([{ ...newEvent('a', []), key: recorded }], { cluster: 'main', workflowId: 'x' }),
);

/** Of each workflow, whether a run may need its input; one named `open` is open on main. */
async function ask(workflowIds: readonly string[], over: Partial<Runs> = {}): Promise<boolean[]> {
  const runs = {
    known: ['main', 'standby'],
    usable: () => ['main', 'standby'],
    givenUp: async () => [],
    isOpen: async ({ cluster, workflowId }: Owner) => cluster === 'main' && workflowId === 'open',
    ...over,
  };
  return await Promise.all(workflowIds.map((id) => mayNeedInput({ db: opened.db, runs }, id)));
}

it('a run that is open on any cluster needs its input', async () => {
  expect(await ask(['open', recorded, 'unknown'])).toEqual([true, false, false]);
});

it('while a cluster is given up, what is recorded needs it no more; what only that cluster may have does', async () => {
  const away = { usable: () => ['main'], givenUp: async () => ['standby'] };
  expect(await ask(['open', recorded, 'unknown', 'a\0b'], away)).toEqual([true, false, true, true]);
});

it('while a cluster is away and not given up, every run may need it', async () => {
  expect(await ask([recorded, 'unknown'], { usable: () => ['main'] })).toEqual([true, true]);
});

it('without an answer of a cluster that is up nothing is known', async () => {
  const isOpen = () => Promise.reject(new Error('busy'));
  await expect(ask([recorded], { isOpen })).rejects.toThrow('busy');
});
