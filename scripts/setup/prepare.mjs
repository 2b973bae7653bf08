import { fetchTemporal } from './fetch-temporal.mjs';
import { findTemporal } from './find-temporal.mjs';
import { installPackages } from './install-packages.mjs';

const MINIMUM_NODE = [20, 19];

/** Makes the locked packages be there, and with `temporal` a Temporal CLI. Silent, and quick, when there is nothing to do. */
export async function prepare({ temporal }) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    throw new Error(
      `this is Node ${process.versions.node}; Node ${MINIMUM_NODE.join('.')} or later is needed: https://nodejs.org/`,
    );
  }
  await installPackages();
  if (temporal && findTemporal() === undefined) await fetchTemporal();
}
