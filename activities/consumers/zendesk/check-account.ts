import type { ZendeskAccount, ZendeskConfig } from './account';
import type { Api } from './api';
import { describeCredentials } from './sessions';

/** Signs in, and says what the account lets us do. @throws DeliveryFailure when it lets nobody in */
export async function checkAccount(api: Api, account: ZendeskAccount): Promise<string> {
  const { config } = account;
  const { id, role, headers } = await api.me();
  const missing = await findMissing(api, config);
  const limit = headers['x-rate-limit'] ?? headers['ratelimit-limit'];
  const left = headers['x-rate-limit-remaining'] ?? headers['ratelimit-remaining'];
  return [
    `${new URL(api.origin).host} accepts the account, user ${id}, ${role}`,
    isNumber(limit) && `${limit} requests a minute${isNumber(left) ? `, ${left} left` : ''}`,
    'repeats are recognised for sure (Idempotency-Key and external_id)',
    missing.length > 0 ? `not found: ${missing.join(', ')}` : 'all that the configuration names is there',
  ]
    .filter(Boolean)
    .join('; ')
    .concat('\n', describeCredentials(account));
}

const isNumber = (text: string | undefined): text is string => /^\d{1,9}$/.test(text ?? '');

/** What the configuration names and the account has not. Zendesk ignores unknown fields and refuses the others. */
async function findMissing(api: Api, config: ZendeskConfig): Promise<string[]> {
  const missing: string[] = [];
  const wanted = Object.keys(config.customFields).map(Number);
  const fields = wanted.length > 0 ? await api.ticketFieldIds() : [];
  missing.push(...wanted.filter((id) => !fields.includes(id)).map((id) => `ticket field ${id}`));
  const records = [
    ['group', 'groups', config.groupId],
    ['brand', 'brands', config.brandId],
    ['form', 'ticket_forms', config.ticketFormId],
  ] as const;
  for (const [name, kind, id] of records) {
    if (id !== undefined && !(await api.exists(kind, id))) missing.push(`${name} ${id}`);
  }
  return missing;
}
