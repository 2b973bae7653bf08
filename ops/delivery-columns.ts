import type { ListedDelivery } from '../db/list-deliveries';
import type { Column } from './output';

/** The columns of a list of deliveries that say where each stands. */
export const STANDING_COLUMNS: readonly Column<Omit<ListedDelivery, 'eventKey'>>[] = [
  { title: 'DATA QUEUE', of: ({ dataQueue }) => dataQueue },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'TRIES', of: ({ tries }) => tries },
  { title: 'SINCE, OR NEXT TRY', of: ({ at }) => at },
  { title: 'WORKFLOW', of: ({ cluster, workflowId }) => `${cluster} ${workflowId}` },
];

/** The last one: its texts have any length. */
export const WHY_COLUMN: Column<Pick<ListedDelivery, 'failureType' | 'failureMessage'>> = {
  title: 'WHY',
  of: ({ failureType, failureMessage }) => failureType && `${failureType}: ${failureMessage}`,
};
