/** Collects what is given while an earlier list is under way, so that one call carries many. @returns a function that resolves when its item is done */
export function inBatches<Item>(
  most: number,
  send: (items: Item[]) => Promise<unknown>,
): (item: Item) => Promise<void> {
  let waiting: { readonly item: Item; readonly done: (outcome: Promise<unknown>) => void }[] = [];
  let isSending = false;
  const sendAll = async (): Promise<void> => {
    isSending = true;
    while (waiting.length > 0) {
      const list = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const sending = send(list.map(({ item }) => item));
      for (const { done } of list) done(sending);
      await sending.catch(() => undefined); // each caller has the error
    }
    isSending = false;
  };
  return async (item) => {
    const outcome = new Promise<unknown>((resolve) => waiting.push({ item, done: resolve }));
    if (!isSending) setImmediate(() => void (isSending || sendAll()));
    await outcome;
  };
}
