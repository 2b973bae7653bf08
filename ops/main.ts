import { runOps } from './run-ops';

void runOps(process.argv.slice(2)).then((code) => process.exit(code));
