/**
 * OAuth's words for a client or an account that is refused; any other word of a token server passes, such as `server_error`. Source:
 * RFC 6749 section 5.2.
 */
export const oauthRefusals: readonly string[] = [
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'access_denied',
];
