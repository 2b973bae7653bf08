import type { SealedNotify } from '../../db/connection-notices';
import type { SecretBox } from './secret-box';

/** The address with its secret sealed. It does not open in the place of the connection's own secrets. */
export function sealNotify(box: SecretBox, connectionId: string, url: string, secret: string): SealedNotify {
  const { bytes, keyId } = box.seal(sealedFor(connectionId), { secret });
  return { url, secrets: bytes, secretsKeyId: keyId };
}

/** @throws UnknownSecretsKey, or an error where the bytes were changed */
export function openNotifySecret(
  box: SecretBox,
  connectionId: string,
  { secrets, secretsKeyId }: Pick<SealedNotify, 'secrets' | 'secretsKeyId'>,
): string {
  const opened = box.open(sealedFor(connectionId), { keyId: secretsKeyId, bytes: secrets });
  return (opened as { readonly secret: string }).secret; // it was sealed so
}

const sealedFor = (connectionId: string): string => `${connectionId}/notify`;
