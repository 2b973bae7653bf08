import { DatabaseUnavailable } from '../../db/tx';
import { connect, type Connection } from '../../tests/connection-row';
import { useDatabase, type OpenDatabase } from '../../tests/database';
import { deferred } from '../../tests/deferred';
import { chatFor } from '../../tests/salesforce-org';
import { exampleEvent, sendRequest } from '../../tests/send-request';
import type { SignInStore } from '../connections/sign-in';
import type { Account } from '../consumer';
import { DeliveryFailure } from '../failures';
import { createEmail } from './email/email';
import { startSmtpServer } from './email/fake';
import { startTokenServer } from './email/fake/token-server';
import { startSalesforce } from './salesforce/fake';
import { defaultSignIn } from './salesforce/fake/tokens';
import { createSalesforce } from './salesforce/salesforce';
import { startZendesk } from './zendesk/fake';
import { createZendesk } from './zendesk/zendesk';

let database: OpenDatabase;
useDatabase((opened) => (database = opened));

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
  /** As a worker does that stops. */
  stop(worker: 0 | 1): unknown;
  send(worker: 0 | 1, connection: Connection, signIn?: SignInStore): Promise<unknown>;
  close(): Promise<unknown>;
}

const takesAWhile = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
let refreshing = takesAWhile;
const beforeRefresh = () => refreshing();
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
    stop: (worker) => workers[worker].close(),
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
    stop: (worker) => workers[worker].close(),
    requests: () => salesforce.arrivals.filter(({ path }) => path !== '/services/oauth2/token').length,
    send: (worker, ...given) => {
      const { connectionId, ...parts } = requestOf(account, ...given);
      const chat = chatFor({ mode: 0, cases: { Subject: 'Invoice' } });
      return workers[worker].send({ ...sendRequest(chat, parts), connectionId });
    },
    close: () => Promise.all([salesforce.close(), ...workers.map((one) => one.close())]),
  };
}

async function openMail(): Promise<Service> {
  const mailbox = 'support@example.com';
  const secrets = { clientSecret: 'marker-secret', refreshToken: 'marker-refresh' };
  const client = { id: 'client-1', secret: secrets.clientSecret, refreshToken: secrets.refreshToken };
  const rotating = { rotatesRefreshTokens: true, beforeRefresh };
  const oauth = await startTokenServer({ ...client, ...rotating, mailboxes: [mailbox] });
  const smtp = await startSmtpServer({ tokens: { check: oauth.check, refusal: 'challenge' } });
  const workers = [createEmail({ ...local, ca: smtp.ca }), createEmail({ ...local, ca: smtp.ca })] as const;
  const { host, port } = smtp;
  const oauthConfig = { authorization: 'refreshToken', clientId: client.id, tokenUrl: oauth.googleUrl };
  const people = { from: { address: mailbox }, recipients: { 'Chat.Ended': ['a@example.com'] } };
  const account = { config: { host, port, username: mailbox, ...oauthConfig, ...people }, secrets };
  return {
    ...oauth,
    consumer: 'email',
    account,
    signIns: oauth.given,
    effects: () => smtp.arrivals.length,
    stop: (worker) => workers[worker].close(),
    requests: smtp.connections,
    expireTokens() {
      oauth.expireTokens();
      smtp.endConnections();
    },
    send: (worker, ...given) => {
      const { connectionId, ...parts } = requestOf(account, ...given);
      return workers[worker].send({ ...sendRequest(exampleEvent('Chat.Ended'), parts), connectionId });
    },
    close: () => Promise.all([...workers.map((one) => one.close()), smtp.close(), oauth.close()]),
  };
}

describe.each([
  ['a mail server', true, openMail],
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
  afterEach(() => ((refreshing = takesAWhile), service.close()));
  beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0)); // the shortest waits
  afterEach(() => void jest.restoreAllMocks());
  /** As deliveries do: one that was told that another worker signs in, which takes long on a busy machine, comes back. */
  const deliver = async (worker: 0 | 1): Promise<unknown> => {
    for (;;) {
      const failure: unknown = await service.send(worker, connection).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(failure instanceof DeliveryFailure && failure.ours)) return expect(failure).toBeUndefined();
    }
  };
  const sendFromBoth = () => Promise.all(([0, 0, 1, 1] as const).map(deliver));

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

  it('replace a stored token that has ended, also one of them that has not used it yet', async () => {
    await service.send(0, connection);
    service.expireTokens();
    await service.send(1, connection);
    expect([service.signIns(), service.effects()]).toEqual([2, 2]);
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

  it('say that the sign-in is lost where one of them dies before it has stored its new token', async () => {
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
          /^A worker stopped, or got no answer, while it signed in .* is lost.* `ops connections mend`\.$/,
        ),
      });
      expect(name).not.toBe('Salesforce');
    } else {
      await next;
      expect(service.signIns()).toBe(2);
    }
    dying.reject(new DatabaseUnavailable('It is dead.'));
  });

  it('store what a sign-in gives although the worker stops meanwhile', async () => {
    const [answer, isAsked] = [deferred<void>(), deferred<void>()];
    refreshing = () => (isAsked.resolve(), answer.promise);
    const sending = service.send(0, connection).catch(() => {});
    await isAsked.promise;
    const stopping = service.stop(0);
    answer.resolve();
    await stopping;
    expect((await connection.secrets())['refreshToken']).toBe(service.refreshToken());
    await sending;
    await service.send(1, connection);
    expect(service.signIns()).toBe(1);
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
