import { describeMatrix } from './describe-matrix';
import { slackKind, slackRows } from './slack-rows';

describeMatrix(slackKind, slackRows);
