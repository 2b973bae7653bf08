/** True for the id of a workflow that carries several events. Releases before named it `ride/…`; such ids are stored. */
export const isBatchId = (workflowId: string): boolean => /^(batch|ride)\//.test(workflowId);
