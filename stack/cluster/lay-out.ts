import { join } from 'node:path';

/** One of the two servers: its addresses and databases. */
export interface ServerLayout {
  readonly name: 'main' | 'standby';
  /** Of the frontend, on 127.0.0.1; the other ports are counted from it (deploy/temporal/temporal.yaml). */
  readonly port: number;
  readonly address: string;
  readonly uiPort: number;
  readonly uiUrl: string;
  readonly metricsUrl: string;
  /** Its database in PostgreSQL; the second one has the same name with `_visibility`. */
  readonly database: string;
}

export interface ClusterLayout {
  /** Folder of the records of processes, the logs, and PostgreSQL's data. */
  readonly folder: string;
  /** Of the embedded PostgreSQL. */
  readonly postgresPort: number;
  readonly servers: readonly ServerLayout[];
}

export const DEFAULT_FOLDER = join('.data', 'cluster');
/** Far from 7233, the port of `npm start` and of other Temporal servers. */
export const DEFAULT_PORT = 17_233;

/** @param port of main's frontend; standby's is 1,000 above, and everything else beside them */
export function layOut(folder: string = DEFAULT_FOLDER, port: number = DEFAULT_PORT): ClusterLayout {
  return {
    folder,
    postgresPort: port - 1,
    servers: [layOutServer('main', port), layOutServer('standby', port + 1_000)],
  };
}

function layOutServer(name: ServerLayout['name'], port: number): ServerLayout {
  const uiPort = port + 8;
  return {
    name,
    port,
    address: `127.0.0.1:${port}`,
    uiPort,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    metricsUrl: `http://127.0.0.1:${port + 7}/metrics`,
    database: `temporal_${name}`,
  };
}
