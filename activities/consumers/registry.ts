/** The registry, one line per consumer. Their names are activity types and stand in histories: append only. */
export { email } from './email/definition';
export { persistence } from './persistence/definition';
export { salesforce } from './salesforce/definition';
export { slack } from './slack/definition';
export { ticket } from './ticket/definition';
export { webhook } from './webhook/definition';
export { zendesk } from './zendesk/definition';
