import { z } from 'zod';
import { NAMESPACE } from '../protocol/constants';

/** The environment variables of the clusters, by themselves: other programs than a worker read no more. */
export const clusterVariables = z.object({
  TEMPORAL_ADDRESS: z
    .string()
    .min(1)
    .default('127.0.0.1:7233')
    .describe('Frontend of the Temporal cluster, host:port.'),
  TEMPORAL_NAMESPACE: z.string().min(1).default(NAMESPACE).describe('Namespace; made if it is not there.'),
  TEMPORAL_CLUSTER_NAME: z
    .string()
    .min(1)
    .max(64)
    .default('main')
    .describe("This cluster's fixed name, kept in its namespace."),
  TEMPORAL_STANDBY_ADDRESS: z
    .string()
    .min(1)
    .optional()
    .describe('Frontend of the second cluster, host:port; without it there is one.'),
  TEMPORAL_STANDBY_NAMESPACE: z
    .string()
    .min(1)
    .optional()
    .describe('Its namespace; default: the name that TEMPORAL_NAMESPACE gives.'),
  TEMPORAL_STANDBY_CLUSTER_NAME: z
    .string()
    .min(1)
    .max(64)
    .default('standby')
    .describe("The second cluster's fixed name, kept in its namespace."),
});

export type ClusterVariables = z.infer<typeof clusterVariables>;
