import { restCodes, signInCodes } from './salesforce-codes';
import { refusalOf } from './salesforce-failure';

const rest = (status: number, errorCode?: string, message = 'said') =>
  refusalOf(
    { status, headers: {}, body: errorCode === undefined ? '' : JSON.stringify([{ errorCode, message }]) },
    false,
  );
const signIn = (status: number, error?: string, description = 'said') =>
  refusalOf({ status, headers: {}, body: JSON.stringify({ error, error_description: description }) }, true);

const restRows = [
  ['UNABLE_TO_LOCK_ROW', 'Unavailable'],
  ['SERVER_UNAVAILABLE', 'Unavailable'],
  ['UNKNOWN_EXCEPTION', 'Unavailable'],
  ['QUERY_TIMEOUT', 'Unavailable'],
  ['REQUEST_RUNNING_TOO_LONG', 'Unavailable'],
  ['API_CURRENTLY_DISABLED', 'Unavailable'],
  ['FUNCTIONALITY_TEMPORARILY_UNAVAILABLE', 'Unavailable'],
  ['INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE', 'Unavailable'],
  ['ORG_IN_MAINTENANCE', 'Unavailable'],
  ['ORG_NOT_OWNED_BY_INSTANCE', 'Unavailable'],
  ['SSO_SERVICE_DOWN', 'Unavailable'],
  ['ALREADY_IN_PROCESS', 'Unavailable'],
  ['RECORD_IN_USE_BY_WORKFLOW', 'Unavailable'],
  ['TERRITORY_REALIGN_IN_PROGRESS', 'Unavailable'],
  ['REQUEST_LIMIT_EXCEEDED', 'RateLimited'],
  ['TOO_MANY_APEX_REQUESTS', 'RateLimited'],
  ['INVALID_SESSION_ID', 'ConnectionBroken'],
  ['INVALID_LOGIN', 'ConnectionBroken'],
  ['INVALID_AUTH_HEADER', 'ConnectionBroken'],
  ['INVALID_CLIENT', 'ConnectionBroken'],
  ['INVALID_OPERATION_WITH_EXPIRED_PASSWORD', 'ConnectionBroken'],
  ['PASSWORD_LOCKOUT', 'ConnectionBroken'],
  ['LOGIN_DURING_RESTRICTED_DOMAIN', 'ConnectionBroken'],
  ['LOGIN_DURING_RESTRICTED_TIME', 'ConnectionBroken'],
  ['LOGIN_MUST_USE_SECURITY_TOKEN', 'ConnectionBroken'],
  ['LOGIN_CHALLENGE_ISSUED', 'ConnectionBroken'],
  ['LOGIN_CHALLENGE_PENDING', 'ConnectionBroken'],
  ['CLIENT_NOT_ACCESSIBLE_FOR_USER', 'ConnectionBroken'],
  ['CLIENT_REQUIRE_UPDATE_FOR_USER', 'ConnectionBroken'],
  ['UNSUPPORTED_CLIENT', 'ConnectionBroken'],
  ['INACTIVE_PORTAL', 'ConnectionBroken'],
  ['PORTAL_NO_ACCESS', 'ConnectionBroken'],
  ['API_DISABLED_FOR_ORG', 'ConnectionBroken'],
  ['ORG_LOCKED', 'ConnectionBroken'],
  ['TRIAL_EXPIRED', 'ConnectionBroken'],
  ['STORAGE_LIMIT_EXCEEDED', 'ConnectionBroken'],
  ['EXCEEDED_QUOTA', 'ConnectionBroken'],
  ['LICENSE_LIMIT_EXCEEDED', 'ConnectionBroken'],
  ['PACKAGE_LICENSE_REQUIRED', 'ConnectionBroken'],
  ['INVALID_READ_ONLY_USER_DML', 'ConnectionBroken'],
  ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 'Rejected'],
  ['UNSUPPORTED_API_VERSION', 'InvalidConfig'],
] as const;

describe('an error code of the API', () => {
  it.each(restRows)('%s is %s', (code, type) => {
    for (const status of [400, 403, 500, 503])
      expect(rest(status, code)).toMatchObject({ type, details: { errorCodes: [code] } });
  });

  it('stands in the table once, and is tested', () => {
    const listed = Object.values(restCodes).flat();
    expect(listed.toSorted()).toEqual(restRows.map(([code]) => code).toSorted());
  });

  it.each(['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'INACTIVE_OWNER_OR_USER', 'ENTITY_IS_LOCKED', 'SOMETHING_NEW'])(
    '%s, which is not in the table, is a refusal of the record',
    (code) => expect(rest(400, code)).toMatchObject({ type: 'Rejected' }),
  );

  it('that says nothing passes with a status of 5xx, and matters less than a redirect', () => {
    expect(rest(500, 'SOMETHING_NEW')).toMatchObject({ type: 'Unavailable' });
    expect(rest(302, 'STORAGE_LIMIT_EXCEEDED')).toMatchObject({ type: 'InvalidConfig' });
  });

  it.each(['UNABLE_TO_LOCK_ROW', 'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE'])(
    "that a customer's trigger has met passes: %s",
    (word) =>
      expect(rest(400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `first error: ${word}, said`)).toMatchObject({
        type: 'Unavailable',
      }),
  );

  it('in the words of a visitor breaks nothing', () => {
    expect(rest(400, 'INVALID_EMAIL_ADDRESS', 'STORAGE_LIMIT_EXCEEDED@example.com')).toMatchObject({
      type: 'Rejected',
    });
  });

  it.each([
    ['INVALID_OPERATION_WITH_EXPIRED_PASSWORD', /password/],
    ['STORAGE_LIMIT_EXCEEDED', /storage/],
    ['ORG_LOCKED', /locked/],
    ['API_DISABLED_FOR_ORG', /API/],
    ['LICENSE_LIMIT_EXCEEDED', /licence/],
    ['LOGIN_DURING_RESTRICTED_TIME', /login hours/],
  ])('%s says why the connection is broken', (code, why) => expect(rest(403, code).message).toMatch(why));
});

it.each([
  [300, 'Rejected'],
  [301, 'InvalidConfig'],
  [302, 'InvalidConfig'],
  [308, 'InvalidConfig'],
  [400, 'Rejected'],
  [401, 'ConnectionBroken'],
  [403, 'Rejected'],
  [404, 'Rejected'],
  [408, 'Unavailable'],
  [410, 'InvalidConfig'],
  [420, 'Unavailable'],
  [421, 'Unavailable'],
  [425, 'Unavailable'],
  [429, 'RateLimited'],
  [500, 'Unavailable'],
  [503, 'Unavailable'],
])('status %d without a code is %s', (status, type) => {
  expect(rest(status)).toMatchObject({ type });
});

const signInRows = [
  ['invalid_grant', 'ConnectionBroken'],
  ['invalid_client', 'ConnectionBroken'],
  ['invalid_client_id', 'ConnectionBroken'],
  ['invalid_client_credentials', 'ConnectionBroken'],
  ['unauthorized_client', 'ConnectionBroken'],
  ['unsupported_grant_type', 'ConnectionBroken'],
  ['invalid_scope', 'ConnectionBroken'],
  ['access_denied', 'ConnectionBroken'],
  ['inactive_user', 'ConnectionBroken'],
  ['invalid_app_access', 'ConnectionBroken'],
  ['app_not_found', 'ConnectionBroken'],
  ['inactive_org', 'ConnectionBroken'],
  ['rate_limit_exceeded', 'RateLimited'],
] as const;

describe('an error code of the token server', () => {
  it.each(signInRows)('%s is %s', (code, type) => {
    for (const status of [400, 401]) expect(signIn(status, code)).toMatchObject({ type });
  });

  it('stands in the table once, and is tested', () => {
    const listed = Object.values(signInCodes).flat();
    expect(listed.toSorted()).toEqual(signInRows.map(([code]) => code).toSorted());
  });

  it.each<[number, string | undefined, string]>([
    [400, 'unknown_error', 'retry your request'],
    [400, 'invalid_grant', 'Token request is already being processed'],
    [400, 'invalid_client', 'Please retry your request.'],
    [400, 'something_new', 'said'],
    [400, undefined, 'said'],
    [401, undefined, 'said'],
    [403, undefined, 'said'],
    [404, undefined, 'said'],
    [500, 'invalid_grant', 'said'],
    [503, undefined, 'said'],
  ])('%d %s, "%s", passes', (status, code, description) => {
    expect(signIn(status, code, description)).toMatchObject({ type: 'Unavailable' });
  });

  it('matters less than a redirect, where no credentials go', () => {
    expect(signIn(302, 'invalid_grant')).toMatchObject({ type: 'InvalidConfig' });
  });
});
