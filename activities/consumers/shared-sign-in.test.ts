import { DatabaseUnavailable } from '../../db/tx';
import { connect, type Connection } from '../../tests/connection-row';
import { openDatabase, type OpenDatabase } from '../../tests/database';
import { deferred } from '../../tests/deferred';
import { chatFor } from '../../tests/salesforce-org';
import { exampleEvent, sendRequest } from '../../tests/send-request';
import type { Account, SignInStore } from '../consumer';
import { startSalesforce } from './salesforce/fake';
import { defaultSignIn } from './salesforce/fake/tokens';
import { createSalesforce } from './salesforce/salesforce';
import { startZendesk } from './zendesk/fake';
import { createZendesk } from './zendesk/zendesk';

let database: OpenDatabase;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database.close());

/** A service that a refresh takes a while at, and what two workers send to it. */
interface Service {
  readonly consumer: string;
  readonly account: Account;
  readonly signIns: () => number;
  readonly effects: () => number;
  /** Requests that were no sign-ins. */
  readonly requests: () => number;
  readonly refreshToken: () => string | undefined;
  readonly expireTokens: () => void;
  readonly revokeRefreshToken: () => void;
  send(worker: 0 | 1, connection: Connection, signIn?: SignInStore): Promise<unknown>;
  close(): Promise<unknown>;
}

const beforeRefresh = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
const local = { allowedAddresses: ['127.0.0.1'] };
const requestOf = (account: Account, { id, store }: Connection, signIn = store) => ({
  account,
  signIn,
  connectionId: id,
});

async function openZendesk(): Promise<Service> {
  const zendesk = await startZendesk({ beforeRefresh });
  const workers = [createZendesk(local), createZendesk(local)] as const;
  const account = zendesk.refreshAccount;
  return {
    ...zendesk,
    consumer: 'zendesk',
    account,
    effects: () => zendesk.tickets.length,
    requests: () => zendesk.arrivals.filter(({ path }) => path !== '/oauth/tokens').length,
    send: (worker, ...given) => {
      const { connectionId, ...parts } = requestOf(account, ...given);
      return workers[worker].send({ ...sendRequest(exampleEvent('OfflineMessage.Submit'), parts), connectionId });
    },
    close: () => Promise.all([zendesk.close(), ...workers.map((one) => one.close())]),
  };
}

async function openSalesforce(rotatesRefreshTokens: boolean): Promise<Service> {
  const salesforce = await startSalesforce({ org: { rotatesRefreshTokens, beforeRefresh } });
  const workers = [createSalesforce(local), createSalesforce(local)] as const;
  const { clientSecret, refreshToken } = defaultSignIn;
  const config = { ...salesforce.account.config, authorization: 'refreshToken' };
  const account = { config, secrets: { clientSecret, refreshToken } };
  return {
    ...salesforce,
    consumer: 'salesforce',
    account,
    effects: () => salesforce.records('Case').length,
    requests: () => salesforce.arrivals.filter(({ path }) => path !== '/services/oauth2/token').length,
    send: (worker, ...given) => {
      const { connectionId, ...parts } = requestOf(account, ...given);
      const chat = chatFor({ mode: 0, cases: { Subject: 'Invoice' } });
      return workers[worker].send({ ...sendRequest(chat, parts), connectionId });
    },
    close: () => Promise.all([salesforce.close(), ...workers.map((one) => one.close())]),
  };
}

describe.each([
  ['Zendesk', true, openZendesk],
  ['Salesforce, which replaces refresh tokens', true, () => openSalesforce(true)],
  ['Salesforce', false, () => openSalesforce(false)],
])('two workers at %s', (name, isRotating, open) => {
  let service: Service;
  let connection: Connection;
  beforeEach(async () => {
    service = await open();
    connection = await connect(database, service.consumer, service.account);
  });
  afterEach(() => service.close());
  beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0)); // the shortest waits
  afterEach(() => void jest.restoreAllMocks());
  const sendFromBoth = () => Promise.all(([0, 0, 1, 1] as const).map((worker) => service.send(worker, connection)));

  it('sign in once where both need it at the same moment, each time', async () => {
    await sendFromBoth();
    expect(service.signIns()).toBe(1);
    service.expireTokens();
    await sendFromBoth();
    expect(service.signIns()).toBe(2);
    expect(service.effects()).toBe(8);
    expect((await connection.secrets())['refreshToken']).toBe(service.refreshToken());
    expect(await connection.isFree()).toBe(true);
  });

  it('share what one of them was given, one after the other', async () => {
    await service.send(0, connection);
    await service.send(1, connection);
    expect(service.signIns()).toBe(1);
    const { rows } = await database.pool.query(
      "select encode(token, 'escape') as token from connection where id = $1",
      [connection.id],
    );
    expect(rows[0].token).not.toContain('accessToken');
  });

  it('store what takes the place of a refresh token before they use it', async () => {
    const requests: number[] = [];
    const keep: SignInStore['keep'] = (...given) => {
      requests.push(service.requests());
      return connection.store.keep(...given);
    };
    await service.send(0, connection, { ...connection.store, keep });
    expect(requests).toEqual([0]);
  });

  it('store later what the database did not take at first, and sign in once all the same', async () => {
    const keep = () => Promise.reject(new DatabaseUnavailable('no connection in time'));
    await expect(service.send(0, connection, { ...connection.store, keep })).rejects.toThrow(DatabaseUnavailable);
    expect(service.requests()).toBe(0);
    await service.send(0, connection);
    expect(service.signIns()).toBe(1);
    expect((await connection.secrets())['refreshToken']).toBe(service.refreshToken());
    await service.send(1, connection);
    expect(service.effects()).toBe(2);
  });

  it('say what is lost where one of them dies before it has stored what it was given', async () => {
    const [dying, isDying] = [deferred<boolean>(), deferred<void>()];
    const keep = () => (isDying.resolve(), dying.promise);
    void service.send(0, connection, { ...connection.store, keep }).catch(() => {});
    await isDying.promise;
    expect(await connection.isFree()).toBe(false);
    await connection.endLease();
    const next = service.send(1, connection);
    if (isRotating) {
      await expect(next).rejects.toMatchObject({
        type: 'ConnectionBroken',
        message: expect.stringMatching(
          /^A worker ended, or got no answer, while it signed in .* is lost.* `ops connections mend`\.$/,
        ),
      });
      expect(name).not.toBe('Salesforce');
    } else {
      await next;
      expect(service.signIns()).toBe(2);
    }
    dying.reject(new DatabaseUnavailable('It is dead.'));
  });

  it('find the connection broken, with what to do, where the refresh token was revoked', async () => {
    await service.send(0, connection);
    service.expireTokens();
    service.revokeRefreshToken();
    await expect(service.send(1, connection)).rejects.toMatchObject({
      type: 'ConnectionBroken',
      message: expect.stringContaining('ops connections mend'),
      details: { status: 400 },
    });
    expect(await connection.isFree()).toBe(true);
  });
});
