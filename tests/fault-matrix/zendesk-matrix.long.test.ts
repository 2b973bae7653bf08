import { describeMatrix } from './describe-matrix';
import { zendeskKind, zendeskRows } from './zendesk-rows';

describeMatrix(zendeskKind, zendeskRows);
