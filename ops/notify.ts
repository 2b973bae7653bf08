import { openNotifySecret, sealNotify } from '../activities/connections/notify-secret';
import type { SecretBox } from '../activities/connections/secret-box';
import { parse } from '../activities/consumer';
import { listNotices, readNotify as readStored, saveNotify, type SealedNotify } from '../db/connection-notices';
import type { Tx } from '../db/tx';
import { kindOf } from './find-connection';
import type { Ops } from './open-ops';
import { CommandFailure } from './output';
import { readSecret } from './read-input';

export interface NotifyOption {
  /** Address, or `none`. */
  readonly notify?: string;
}

/** Where to tell that a connection breaks; null = nowhere any more; undefined = as it was. */
type Notify = { readonly url: string; readonly secret: string } | null | undefined;

/**
 * Address and secret of the messages about a connection; both are checked as those of a webhook, and nothing is sent.
 *
 * @param config of the connection: the messages never go the way that is broken
 */
export async function readNotify(ops: Ops, { notify: url }: NotifyOption, config: object): Promise<Notify> {
  if (url === undefined) return undefined;
  if (url === 'none') return null;
  const webhook = await kindOf(ops, 'webhook');
  parse(webhook.config, { url }, 'address for --notify');
  webhook.judge?.({ url });
  if (Object.values(config).includes(url)) {
    throw new CommandFailure(
      '--notify is the address of the connection itself, which may be broken: give another one.',
    );
  }
  const secret = await readSecret('notifySecret', 'Signs the messages about the connection, as that of a webhook');
  parse(webhook.secrets, { secret }, 'secret CONNECTION_NOTIFY_SECRET');
  return { url, secret };
}

export async function storeNotify(db: Tx, box: SecretBox, connectionId: string, notify: Notify): Promise<void> {
  if (notify === undefined) return;
  await saveNotify(db, connectionId, notify && sealNotify(box, connectionId, notify.url, notify.secret));
}

/** Lines about it for an operator. */
export async function describeNotify(db: Tx, box: SecretBox, connectionId: string): Promise<string[]> {
  const stored = await readStored(db, connectionId);
  if (stored === undefined) return [];
  const waiting = (await listNotices(db, connectionId)).map(({ event, at, tries, isGivenUp, failure }) => {
    const why = failure === null ? '' : `: ${failure}`;
    return `  ${isGivenUp ? 'Given up' : 'Not there yet'}: connection.${event} of ${at}, ${tries} tries${why}`;
  });
  const opens = canOpen(box, connectionId, stored) ? '' : ' (its secret cannot be opened: mend --notify)';
  return [`Tells ${new URL(stored.url).host} when it breaks or is mended${opens}`, ...waiting];
}

function canOpen(box: SecretBox, connectionId: string, stored: SealedNotify): boolean {
  try {
    openNotifySecret(box, connectionId, stored);
    return true;
  } catch {
    return false;
  }
}
