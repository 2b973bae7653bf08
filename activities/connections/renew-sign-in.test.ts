import { randomUUID } from 'node:crypto';
import { resealConnection } from '../../db/connections';
import { connect, type Connection } from '../../tests/connection-row';
import { useDatabase, type OpenDatabase } from '../../tests/database';
import { deferred } from '../../tests/deferred';
import type { Renewed } from './sign-in';
import { DeliveryFailure } from '../failures';
import { createRenewal } from './renew-sign-in';
import { signInOf } from './sign-in-store';

let database: OpenDatabase;
useDatabase((opened) => (database = opened));

describe('a renewal', () => {
  const account = { config: {}, secrets: { refreshToken: 'r0', clientSecret: 's' } };
  let connection: Connection;
  beforeEach(async () => {
    connection = await connect(database, 'zendesk', account);
  });
  const renewed = (n: number): Renewed => ({
    token: { accessToken: `a${n}` },
    lastsMs: 1_800_000,
    refreshToken: `r${n}`,
    refreshLastsMs: 86_400_000,
  });
  const refused = () => Promise.reject(new DeliveryFailure('ConnectionBroken', 'invalid_grant'));
  const times = { leaseMs: 300, lookEveryMs: 20, againMs: 20 };
  const find = (refresh: (secrets: Readonly<Record<string, string>>) => Promise<Renewed>, store = connection.store) =>
    createRenewal('Example', times)({ store, refused: undefined, refresh });

  it('that hangs holds up the others no longer than its right lasts, and takes theirs when it comes back', async () => {
    const answer = deferred<Renewed>();
    const began = deferred<void>();
    const hanging = find(() => (began.resolve(), answer.promise));
    await began.promise;
    const secrets: unknown[] = [];
    const next = await find(async (given) => (secrets.push(given), renewed(1)));
    expect([next.token, secrets]).toEqual([{ accessToken: 'a1' }, [account.secrets]]);
    answer.resolve(renewed(2));
    expect((await hanging).token).toEqual({ accessToken: 'a1' });
    expect(await connection.secrets()).toEqual({ refreshToken: 'r1', clientSecret: 's' });
    expect(await connection.isFree()).toBe(true);
  });

  it('that is stored late mends a connection that another worker has found broken by the token before', async () => {
    const [answer, began] = [deferred<Renewed>(), deferred<void>()];
    const hanging = find(() => (began.resolve(), answer.promise));
    await began.promise;
    await connection.endLease();
    await expect(find(refused)).rejects.toMatchObject({ type: 'ConnectionBroken' });
    await connection.break('invalid_grant');
    answer.resolve(renewed(1));
    await hanging;
    expect(await connection.secrets()).toEqual({ refreshToken: 'r1', clientSecret: 's' });
    expect(await connection.read()).toMatchObject({ state: 'ok', brokenReason: null, brokenSince: null });
  });

  it('that is stored in time mends nothing that is broken for another reason', async () => {
    await find(async () => (await connection.break('storage is full'), renewed(1)));
    expect(await connection.read()).toMatchObject({ state: 'broken', brokenReason: 'storage is full' });
  });

  it('of another worker is waited for, and then come back for at no cost', async () => {
    await connection.store.take(60_000);
    const waiting = createRenewal('Example', { ...times, waitsMs: 50 });
    const failure = waiting({ store: connection.store, refused: undefined, refresh: refused });
    await expect(failure).rejects.toMatchObject({ type: 'Unavailable', ours: true, retryAfterMs: expect.any(Number) });
  });

  it('that fails gives its right back', async () => {
    await expect(find(() => Promise.reject(new DeliveryFailure('Unavailable', '503')))).rejects.toThrow('503');
    expect(await connection.isFree()).toBe(true);
  });

  it('that gets no answer in time keeps its right, as the service may be at it still', async () => {
    const late = new DeliveryFailure('Unavailable', 'late', { details: { code: 'TIMEOUT' } });
    await expect(find(() => Promise.reject(late))).rejects.toThrow('late');
    expect(await connection.isFree()).toBe(false);
  });

  it('that is refused takes what another one has stored meanwhile', async () => {
    const refresh = async (): Promise<Renewed> => {
      await connection.store.keep(renewed(1), 'r0', { id: randomUUID() });
      return await refused();
    };
    expect((await find(refresh)).token).toEqual({ accessToken: 'a1' });
  });

  it('that is refused is tried again by the refresh token that stands by then, three times in all', async () => {
    const sent: unknown[] = [];
    const refresh = async ({ refreshToken }: Readonly<Record<string, string>>): Promise<Renewed> => {
      sent.push(refreshToken);
      if (sent.length === 1) await connection.give({ refreshToken: 'given' });
      return await refused();
    };
    await expect(find(refresh)).rejects.toMatchObject({ type: 'ConnectionBroken', message: 'invalid_grant' });
    expect(sent).toEqual(['r0', 'given', 'given']);
  });

  it('that is refused to the end breaks nothing where another one has stored a refresh token at last', async () => {
    let tries = 0;
    const refresh = async (): Promise<Renewed> => {
      if (++tries === 3) await connection.store.keep({ ...renewed(1), lastsMs: 0 }, 'r0', { id: randomUUID() });
      return await refused();
    };
    await expect(find(refresh)).rejects.toMatchObject({ type: 'Unavailable', ours: true });
  });

  it('leaves what an operator has given meanwhile, and uses that at once', async () => {
    const sent: unknown[] = [];
    const refresh = async ({ refreshToken }: Readonly<Record<string, string>>): Promise<Renewed> => {
      sent.push(refreshToken);
      if (sent.length === 1) await connection.give({ refreshToken: 'given' });
      return renewed(sent.length);
    };
    const findToken = createRenewal('Example', { ...times, leaseMs: 60_000, waitsMs: 0 });
    const { token } = await findToken({ store: connection.store, refused: undefined, refresh });
    expect(token).toEqual({ accessToken: 'a2' });
    expect(sent).toEqual(['r0', 'given']);
    expect(await connection.secrets()).toEqual({ refreshToken: 'r2' });
  });

  it('is no new edition of the connection, and says when the refresh token ends', async () => {
    await find(async () => renewed(1));
    const { edition, version, endsAt } = await connection.read();
    expect([edition, version]).toEqual([1, 2]);
    expect(Math.abs(Number(endsAt) - Date.now() - 86_400_000)).toBeLessThan(60_000);
  });

  it('is not needed before the token is about to end', async () => {
    await find(async () => renewed(1));
    await find(refused);
    await database.pool.query("update connection set token_ends_at = now() + interval '59 s' where id = $1", [
      connection.id,
    ]);
    expect((await find(async () => renewed(2))).token).toEqual({ accessToken: 'a2' });
  });

  it('is needed again where the secrets were sealed anew, or by a key that is gone', async () => {
    await find(async () => renewed(1));
    const row = await connection.read();
    await resealConnection(database.db, row, row.secrets!, row.secretsKeyId!);
    expect((await connection.store.read()).token).toBeNull();
    await database.pool.query('update connection set token = $2 where id = $1', [connection.id, Buffer.alloc(64)]);
    expect((await connection.store.read()).token).toBeNull();
  });

  it('of secrets that stand nowhere yet is kept in memory', async () => {
    const { store, secrets, endsInMs } = signInOf(account.secrets);
    await find(async () => renewed(1), store);
    expect((await find(refused, store)).token).toEqual({ accessToken: 'a1' });
    expect([secrets(), endsInMs()]).toEqual([{ refreshToken: 'r1', clientSecret: 's' }, 86_400_000]);
  });
});
