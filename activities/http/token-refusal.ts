import { DeliveryFailure, type FailureType } from '../failures';
import type { HttpAnswer } from './call';
import { oauthRefusals } from './oauth-refusals';
import { parseJson } from './parse-json';
import { readRetryAfter } from './retry-after';

interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
}

const verdicts = {
  refused: {
    type: 'ConnectionBroken',
    advice:
      'the account is refused; correct the application, its secret or its permissions, then `ops connections mend`',
  },
  tenant: { type: 'InvalidConfig', advice: 'there is no such tenant; correct `tenant`' },
  elsewhere: { type: 'InvalidConfig', advice: 'it sends us elsewhere, where no secret is sent; correct `tokenUrl`' },
  later: { type: 'RateLimited', advice: 'its limit is reached; it is asked again later' },
  again: { type: 'Unavailable', advice: 'it is tried again' },
} as const satisfies Record<string, Verdict>;

/** Of Google, beside those of RFC 6749. Source: developers.google.com "OAuth 2.0", errors of authorization. */
const googleRefusals: readonly string[] = [
  'deleted_client',
  'disabled_client',
  'org_internal',
  'admin_policy_enforced',
];

/** Of Microsoft: a tenant that is none. Source: learn.microsoft.com "Microsoft Entra authentication & authorization error codes". */
const NO_TENANT: readonly number[] = [90002, 900023];

const quoted = (codes: readonly string[]): string => codes.map((code) => `\`${code}\``).join(', ');
const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;

/** The refusals of a token server, for people. */
export const tokenAnswers: readonly (readonly [answer: string, becomes: string])[] = [
  [`OAuth: ${quoted([...oauthRefusals, ...googleRefusals])}`, becomes(verdicts.refused)],
  ['OAuth: 3xx', becomes(verdicts.elsewhere)],
  ['OAuth: 429', becomes(verdicts.later)],
  ['OAuth: any other answer, such as `temporarily_unavailable`, 5xx or HTML', becomes(verdicts.again)],
];

/** The same of Microsoft's. */
export const tenantAnswer: (typeof tokenAnswers)[number] = [
  `OAuth: \`invalid_request\` with ${NO_TENANT.map((code) => `AADSTS${code}`).join(', ')}`,
  becomes(verdicts.tenant),
];

/** The failure that an answer of a token server is, which is no success. */
export function tokenRefusal({ status, headers, body }: HttpAnswer): DeliveryFailure {
  const { code, numbers } = readError(body);
  const { type, advice } = judge(status, code, numbers);
  const said = [status, code, ...numbers.map((number) => `AADSTS${number}`)].filter(Boolean).join(' ');
  return new DeliveryFailure(type, `The token server answers ${said}: ${advice}.`, {
    details: { status, ...(code !== undefined && { error: code }), ...(numbers.length > 0 && { errorCodes: numbers }) },
    retryAfterMs: readRetryAfter(headers),
  });
}

/** True for a refusal that a wrong clock may be the reason of. */
export const saysInvalidGrant = ({ status, body }: HttpAnswer): boolean =>
  status === 400 && readError(body).code === 'invalid_grant';

function judge(status: number, code: string | undefined, numbers: readonly number[]): Verdict {
  if (status >= 300 && status < 400) return verdicts.elsewhere;
  if (status === 429) return verdicts.later;
  if (status >= 500 || code === undefined) return verdicts.again;
  if (numbers.some((number) => NO_TENANT.includes(number))) return verdicts.tenant;
  return verdicts[oauthRefusals.includes(code) || googleRefusals.includes(code) ? 'refused' : 'again'];
}

/** OAuth's word and Microsoft's numbers; nothing of the texts, which may quote data. */
function readError(body: string): { code: string | undefined; numbers: readonly number[] } {
  const { error, error_codes: numbers } = (parseJson(body) ?? {}) as { error?: unknown; error_codes?: unknown };
  return {
    code: typeof error === 'string' && /^\w{1,60}$/.test(error) ? error : undefined,
    numbers: [numbers]
      .flat()
      .filter((one): one is number => Number.isSafeInteger(one))
      .slice(0, 5),
  };
}
