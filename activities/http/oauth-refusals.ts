/**
 * OAuth's error codes for a refused client or account; any other code, such as `server_error`, is temporary. Source: RFC 6749
 * section 5.2.
 */
export const oauthRefusals: readonly string[] = [
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'access_denied',
];
