import type { TakenConnection } from '../../db/take-deliveries';
import type { Account } from '../consumer';
import { DeliveryFailure } from '../failures';
import { UnknownSecretsKey, type SecretBox } from './secret-box';

type Sealed = Pick<TakenConnection, 'config' | 'secrets' | 'secretsKeyId'>;

/**
 * Configuration and opened secrets of a connection.
 *
 * @param secretBox null = this process has no key
 * @throws DeliveryFailure: Unavailable when this process has not the key, InvalidConfig when the secrets were changed
 */
export function openAccount(
  id: string,
  { config, secrets, secretsKeyId }: Sealed,
  secretBox: SecretBox | null,
): Account {
  if (secrets === null || secretsKeyId === null) return { config, secrets: {} };
  if (secretBox === null) throw withoutKey('SECRETS_KEY is not set for this process.');
  try {
    return { config, secrets: secretBox.open(id, { keyId: secretsKeyId, bytes: secrets }) };
  } catch (error) {
    if (error instanceof UnknownSecretsKey) throw withoutKey(error.message);
    const message = "The connection's secrets cannot be opened; give them again with `ops connections mend`.";
    throw new DeliveryFailure('InvalidConfig', message);
  }
}

/** The delivery is tried again, at no cost, until an administrator has set the key. */
const withoutKey = (message: string): DeliveryFailure =>
  new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs: 60_000 });
