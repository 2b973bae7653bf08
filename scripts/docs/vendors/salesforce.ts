import type { Assumption } from './assumption';

const REST = 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest';
const HELP = 'https://help.salesforce.com/s/articleView?id';

export const salesforceAssumptions: readonly Assumption[] = [
  {
    fact: 'Two refreshes by one refresh token at one time are refused; with rotation, a token that comes back ends the current one and its access tokens.',
    source: `${HELP}=sf.remoteaccess_oauth_refresh_token_flow_ca.htm; https://github.com/segmentio/action-destinations/pull/2300; https://github.com/forcedotcom/sfdx-core/pull/1342`,
    basis: 'reported',
  },
  {
    fact: 'The token server answers 400 with unknown_error, or a description that says "retry your request", for faults that pass.',
    source:
      'https://github.com/amazon-connect/amazon-connect-salesforce-lambda/issues/43; https://github.com/forcedotcom/datacloud-jdbc/pull/140',
    basis: 'reported',
  },
  {
    fact: 'A contact without an account is private: its owner and administrators see it, sharing rules do not apply.',
    source: `${HELP}=sales.contacts_sharing_considerations.htm; ${HELP}=000384762`,
    basis: 'documented',
  },
  {
    fact: 'Assignment rules run on cases and leads unless Sforce-Auto-Assign says otherwise; the new owner may hide the record from us.',
    source: `${REST}/headers_autoassign.htm; ${HELP}=000385546`,
    basis: 'documented',
  },
  {
    fact: 'Standard duplicate rules allow with an alert, compare loosely, across contacts and leads (orgs since Summer 2017); allowSave is false by default, which saves nothing.',
    source: `${HELP}=sf.duplicate_rules_standard_contact_rule.htm; ${HELP}=sf.duplicate_rules_standard_lead_rule.htm; ${REST}/headers_duplicaterules.htm`,
    basis: 'documented',
  },
  {
    fact: 'DUPLICATES_DETECTED carries duplicateResut, spelt so, with the ids of the records that match.',
    source: `${REST}/headers_duplicaterules.htm`,
    basis: 'documented',
  },
  {
    fact: 'DUPLICATE_VALUE on a unique field names the id of the record that has the value, in its text.',
    source: 'https://github.com/SalesforceCommerceCloud/b2c-crm-sync/issues/274',
    basis: 'reported',
  },
  {
    fact: 'API_CURRENTLY_DISABLED is a fault of the system, which passes.',
    source:
      'https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm (ExceptionCode)',
    basis: 'documented',
  },
  {
    fact: 'During maintenance an org is read-only: INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE, in parts of composite requests as well. With which status is not known.',
    source: `${HELP}=sf.setup_maintenance_mode_overview.htm; https://salesforce.stackexchange.com/questions/290931`,
    basis: 'reported',
  },
  {
    fact: 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD is said by every request of a user whose password has expired.',
    source: 'https://github.com/restforce/restforce/issues/607; https://github.com/jsforce/jsforce/issues/1308',
    basis: 'reported',
  },
  {
    fact: 'A composite request is 200 with a status for each part, is one call of the daily limit, does its parts in order, and undoes all of them with allOrNone.',
    source: `${REST}/responses_composite.htm`,
    basis: 'documented',
  },
  {
    fact: 'A file goes as base64 into ContentVersion, in a composite request as well, up to 37.5 MB.',
    source: 'avenoir.ai; innovalleyworks.com',
    basis: 'reported',
  },
  {
    fact: 'An external id that several records have is answered with 300 and their addresses.',
    source: `${REST}/dome_upsert.htm`,
    basis: 'documented',
  },
  {
    fact: 'The daily limit of calls is answered with 403 REQUEST_LIMIT_EXCEEDED; Sforce-Limit-Info says how many are used.',
    source: `${REST}/errorcodes.htm`,
    basis: 'documented',
  },
  {
    fact: 'A text that is too long is refused (STRING_TOO_LONG), not cut. A case holds 255 characters of subject, 32,000 of description, 80, 80, 40 and 80 of SuppliedName, SuppliedEmail, SuppliedPhone and SuppliedCompany.',
    source:
      'https://developer.salesforce.com/docs/atlas.en-us.228.0.sfFieldRef.meta/sfFieldRef/salesforce_field_reference_Case.htm',
    basis: 'documented',
  },
  {
    fact: 'Versions 31 to 40 of the API end in Summer 2028, those before have ended: 410 GONE.',
    source: `${REST}/api_rest_eol.htm`,
    basis: 'documented',
  },
  {
    fact: 'A JWT needs iss, sub, aud (login or test) and an exp within minutes; no secret.',
    source: `${HELP}=sf.remoteaccess_oauth_jwt_flow.htm`,
    basis: 'documented',
  },
  {
    fact: 'Some guides add the scope refresh_token to the app of a JWT sign-in; the documents ask for api alone.',
    source: `${HELP}=sf.remoteaccess_oauth_jwt_flow.htm; https://salesforce.stackexchange.com/questions/201636`,
    basis: 'open',
  },
  {
    fact: 'Whether a file in the same composite request fails once a rule has given its case away.',
    source: 'not found',
    basis: 'open',
  },
  {
    fact: 'A lead that is converted is refused as the target of a task with CANNOT_UPDATE_CONVERTED_LEAD; ConvertedContactId and ConvertedAccountId name the contact and the account that it has become.',
    source:
      'https://help.salesforce.com/s/articleView?id=000384333; https://github.com/rudderlabs/rudder-transformer/pull/1052',
    basis: 'reported',
  },
  {
    fact: 'That an assignment rule comes before an OwnerId that the record is written with.',
    source: 'not found',
    basis: 'open',
  },
  {
    fact: 'That View All Records on contacts shows contacts without an account, which are private.',
    source: 'not found',
    basis: 'open',
  },
  { fact: 'Whether activities may have a unique field or an external id.', source: 'not found', basis: 'open' },
];
