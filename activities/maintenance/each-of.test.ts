import { eachOf } from './each-of';

it('goes on after what fails, and names what was not done', async () => {
  const done: number[] = [];
  const undone = await eachOf([1, 2, 3, 4], performance.now() + 10_000, async (n) => {
    if (n === 2) throw new Error('no');
    done.push(n);
  });
  expect([done, undone]).toEqual([[1, 3, 4], [2]]);
});

it('begins nothing more once its time is over, and finishes what it has begun', async () => {
  const begun: number[] = [];
  let finish = () => {};
  const finishing = new Promise<void>((resolve) => (finish = resolve));
  const end = performance.now() + 50;
  const all = Array.from({ length: 100 }, (_, n) => n);
  const working = eachOf(all, end, async (n) => {
    begun.push(n);
    await finishing;
  });
  while (performance.now() <= end) await new Promise((resolve) => setTimeout(resolve, 10));
  finish();
  expect(await working).toEqual(all.slice(begun.length));
  expect(begun.length).toBeLessThan(20); // a few at once
});
