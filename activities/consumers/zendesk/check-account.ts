import type { ZendeskAccount, ZendeskConfig } from './account';
import type { Api } from './api';
import { describeCredentials } from './describe-credentials';
import type { Session } from './sessions';

/** Signs in, and lists the rights of the account. @throws DeliveryFailure when the sign-in is refused */
export async function checkAccount(api: Api, account: ZendeskAccount, session: Session): Promise<string> {
  const { config } = account;
  const { id, role, isLight, headers } = await api.me();
  const missing = await findMissing(api, config);
  const limit = headers['x-rate-limit'] ?? headers['ratelimit-limit'];
  const left = headers['x-rate-limit-remaining'] ?? headers['ratelimit-remaining'];
  return [
    `${new URL(api.origin).host} accepts the account, user ${id}, ${isLight ? 'light agent' : role}`,
    isNumber(limit) && `${limit} requests a minute for the whole account${isNumber(left) ? `, ${left} left` : ''}`,
    'repeats are recognised for sure (Idempotency-Key and external_id)',
    missing.length > 0 ? `not found: ${missing.join(', ')}` : 'all that the configuration names is there',
  ]
    .filter(Boolean)
    .join('; ')
    .concat('\n', [describeCredentials(account, session.lasts()), ...warningsOf(config, isLight)].join('\n'));
}

/** Settings of the account that work otherwise than the configuration may suggest. */
function warningsOf({ commentPublic }: ZendeskConfig, isLight: boolean): string[] {
  const isPublic = Object.entries(commentPublic).flatMap(([type, isIt]) => (isIt ? [type] : []));
  if (isLight) {
    const unread = isPublic.length > 0 ? `, those of ${isPublic.join(' and ')} as well` : '';
    return [
      `a light agent writes internal notes only${unread}, and may be refused visitors whom Zendesk does not know yet: let an agent or admin sign in`,
    ];
  }
  return isPublic.length === 0
    ? []
    : [
        `comments are public for ${isPublic.join(' and ')}: Zendesk's triggers mail them to the entered address, and a visitor can enter any address`,
      ];
}

const isNumber = (text: string | undefined): text is string => /^\d{1,9}$/.test(text ?? '');

/** Names in the configuration that the account does not have. Zendesk ignores unknown fields and refuses the others. */
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
