import { describeMatrix, oneOfEachKind } from './describe-matrix';
import { zendeskKind, zendeskRows } from './zendesk-rows';

describeMatrix(zendeskKind, oneOfEachKind(zendeskRows));
