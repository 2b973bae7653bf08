import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOpsCommand } from '../tests/ops-command';

let command: Awaited<ReturnType<typeof openOpsCommand>>;

beforeAll(async () => {
  command = await openOpsCommand();
});

afterAll(() => command.close());

const filterOf = async (site: string) => {
  const text = `select filter from subscription where data_queue = 'Rating.Low' and site_id = $1`;
  return (await command.pool.query<{ filter: unknown }>(text, [site])).rows[0]?.filter;
};

it('a subscription is added with a filter, and gets another for one site', async () => {
  const { ops } = command;
  const args = 'subscriptions add Rating.Low --event-type Visitor.Rating --consumer webhook --filter';
  expect(await ops(`${args} {"ratingGrad":1}`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ratingGrad: Visitor.Rating has no such field; near it: ratingGrade'),
  });
  expect(await ops(`${args} {"ratingGrade":{"$lte":2}}`)).toMatchObject({ code: 0 });
  expect(await filterOf('*')).toEqual({ ratingGrade: { $lte: 2 } });
  const own = await ops('subscriptions filter Rating.Low - --site 7', { input: '{"ratingGrade":1}' });
  expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('of those that are recorded from now on') });
  expect(await filterOf('7')).toEqual({ ratingGrade: 1 });
  await ops('subscriptions pause Rating.Low --site 8');
  expect(await filterOf('8')).toEqual({ ratingGrade: { $lte: 2 } });
  expect(await ops('subscriptions filter Rating.Low none')).toMatchObject({ code: 0 });
  expect(await filterOf('*')).toBeNull();
  const { stdout } = await ops('subscriptions list --site 7');
  expect(stdout).toMatch(/FILTER\n.*Rating\.Low .*\{"ratingGrade":1\}$/m);
  expect(await ops('subscriptions filter Rating.None none')).toMatchObject({ code: 1 });
});

it('a filter is tried on the example of a type and on a recorded event, without its data', async () => {
  const { ops, pool } = command;
  const file = join(command.dir, 'filter.json');
  await writeFile(file, '{"ratingGrade":{"$lte":2},"ratingComment":{"$exist":true}}');
  const onExample = await ops(`subscriptions test ${file} Visitor.Rating`);
  expect(onExample).toMatchObject({
    code: 0,
    stdout: 'The filter does not take Visitor.Rating.\n  ratingGrade: does not hold\n  ratingComment: holds\n',
  });
  const key = 'Visitor.Rating/7/r-1';
  await pool.query(
    `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, filtered_count, cluster, workflow_id)
     values ($1, 'Visitor.Rating', '7', 'r-1', now(), '{"ratingGrade":1,"ratingComment":"comment-marker"}', 'h', 0, 2, 'main', 'w')`,
    [key],
  );
  const onEvent = await ops(`subscriptions test ${file} ${key} --json`);
  expect(JSON.parse(onEvent.stdout)).toMatchObject({ event: key, takes: true });
  expect(onEvent.stdout).not.toContain('comment-marker');
  expect((await ops(`events show ${key}`)).stdout).toContain('2 deliveries were held back: by the filter');
  expect(await ops(`subscriptions test {} Visitor.Rating`)).toMatchObject({ code: 1 });
  expect(await ops(`subscriptions test ${file} Visitor.Rating/7/none`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nor a recorded event'),
  });
});
