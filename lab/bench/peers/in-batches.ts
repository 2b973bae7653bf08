import { LISTS_AT_ONCE } from './peer';

/**
 * Collects values while as many lists as may be are under way, so that one call carries many.
 * @param atOnce lists under way at the most
 * @returns a function that resolves when its item is done
 */
export function inBatches<Item>(
  most: number,
  send: (items: Item[]) => Promise<unknown>,
  atOnce = LISTS_AT_ONCE,
): (item: Item) => Promise<void> {
  let waiting: { readonly item: Item; readonly done: (outcome: Promise<unknown>) => void }[] = [];
  let underWay = 0;
  const sendWaiting = (): void => {
    while (waiting.length > 0 && underWay < atOnce) {
      const list = waiting.slice(0, most);
      waiting = waiting.slice(most);
      underWay += 1;
      const sending = send(list.map(({ item }) => item));
      for (const { done } of list) done(sending);
      const ended = (): void => {
        underWay -= 1;
        sendWaiting();
      };
      sending.then(ended, ended); // each caller has the error
    }
  };
  return async (item) => {
    const outcome = new Promise<unknown>((resolve) => waiting.push({ item, done: resolve }));
    if (waiting.length === 1) setImmediate(sendWaiting);
    await outcome;
  };
}
