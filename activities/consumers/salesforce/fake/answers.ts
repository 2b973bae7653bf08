import type { AnswerShape, Shape, Sourced } from '../../../http/fake/fill-answer';

const checked = '2026-11-30';
const headers = { 'content-type': 'application/json;charset=UTF-8' };

const DOCS = 'https://developer.salesforce.com/docs';
const REST = `${DOCS}/atlas.en-us.api_rest.meta/api_rest`;
const STATUSES = `${REST}/errorcodes.htm`;
const CODES = `${DOCS}/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm`;
const OAUTH = 'https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm';

const answer = (status: number, body: unknown, source: string): AnswerShape => ({
  status,
  headers,
  body,
  source,
  checked,
});

/** How Salesforce answers: the fake fills in its own values. */
export const answers = {
  accessToken: answer(
    200,
    {
      access_token: '{token}',
      refresh_token: '{refreshToken}',
      signature: '{signature}',
      scope: '{scope}',
      instance_url: '{instanceUrl}',
      id: '{identity}',
      token_type: 'Bearer',
      issued_at: '{issuedAt}',
    },
    'https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_client_credentials_flow.htm',
  ),
  signInRefused: answer(400, { error: '{error}', error_description: '{description}' }, OAUTH),
  created: answer(201, { id: '{id}', success: true, errors: [] }, `${REST}/dome_sobject_create.htm`),
  changed: { status: 204, source: `${REST}/dome_update_fields.htm`, checked },
  page: answer(200, { totalSize: '{total}', done: true, records: '{records}' }, `${REST}/dome_query.htm`),
  composed: answer(200, { compositeResponse: '{parts}' }, `${REST}/responses_composite.htm`),
} as const satisfies Record<string, AnswerShape>;

/** Parts of answers, which stand there once or several times. */
export const parts = {
  error: {
    body: { message: '{message}', errorCode: '{code}', fields: '{fields}', duplicateResut: '{duplicates}' },
    source: `${STATUSES}; ${REST}/headers_duplicaterules.htm for duplicateResut, which is spelt so`,
    checked,
  },
} as const satisfies Record<string, Shape>;

interface ErrorCode extends Sourced {
  readonly status: number;
}

const of = (status: number, source: string): ErrorCode => ({ status, source, checked });

/** From memory: no page was found that says which status the word comes with. */
const word = (status: number, also = ''): ErrorCode => ({
  status,
  source: `${CODES} for the word${also}; the status is assumed`,
});

/** Every code of an error that the fake answers, with its status. */
export const errors: Readonly<Record<string, ErrorCode>> = {
  CANNOT_UPDATE_CONVERTED_LEAD: word(400),
  DUPLICATES_DETECTED: of(400, `${REST}/headers_duplicaterules.htm`),
  DUPLICATE_VALUE: word(400, ', https://github.com/SalesforceCommerceCloud/b2c-crm-sync/issues/274 for its text'),
  ENTITY_IS_DELETED: word(404),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: word(400),
  FIELD_INTEGRITY_EXCEPTION: word(400),
  GONE: of(410, `${STATUSES}; ${REST}/api_rest_eol.htm`),
  INSUFFICIENT_ACCESS: of(403, STATUSES),
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: word(400),
  INSUFFICIENT_ACCESS_OR_READONLY: word(403),
  INVALID_BASE64: { status: 400, source: 'ours: the answer of Salesforce to content that is no base64 is not known' },
  INVALID_CROSS_REFERENCE_KEY: word(400),
  INVALID_EMAIL_ADDRESS: word(400),
  INVALID_FIELD: word(400),
  INVALID_FIELD_FOR_INSERT_UPDATE: word(400),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: word(400),
  INVALID_QUERY_FILTER_OPERATOR: word(400),
  INVALID_SESSION_ID: of(401, STATUSES),
  INVALID_TYPE: word(400),
  JSON_PARSER_ERROR: { status: 400, source: 'from memory; not in the reference' },
  LIMIT_EXCEEDED: word(400),
  MALFORMED_ID: word(400),
  MALFORMED_QUERY: word(400),
  METHOD_NOT_ALLOWED: of(405, STATUSES),
  NOT_FOUND: of(404, STATUSES),
  PROCESSING_HALTED: of(400, `${REST}/responses_composite.htm`),
  REQUEST_LIMIT_EXCEEDED: of(403, STATUSES),
  REQUIRED_FIELD_MISSING: word(400),
  STRING_TOO_LONG: word(400),
  UNSUPPORTED_MEDIA_TYPE: of(415, STATUSES),
};
