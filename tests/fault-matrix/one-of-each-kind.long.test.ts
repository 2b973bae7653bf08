import { describeMatrix, oneOfEachKind } from './describe-matrix';
import { salesforceKind } from './salesforce-kind';
import { salesforceRows } from './salesforce-rows';
import { zendeskKind, zendeskRows } from './zendesk-rows';

describeMatrix(zendeskKind, oneOfEachKind(zendeskRows));
describeMatrix(salesforceKind, oneOfEachKind(salesforceRows));
