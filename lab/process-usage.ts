import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds since their start of a process, its children and its ended children. */
export type CpuReader = (pid: number) => number;

/** Undefined where there is no /proc. */
export function createCpuReader(): CpuReader | undefined {
  if (process.platform !== 'linux') return undefined;
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return (pid) => {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const all = new Map(processes.flatMap((name) => readStat(Number(name))).map((stat) => [stat.pid, stat]));
    const ticks = [...all.values()]
      .filter((stat) => stat.pid === pid || stat.parent === pid)
      .reduce((sum, stat) => sum + stat.ticks, 0);
    return ticks / ticksPerSecond;
  };
}

/** Resident memory of a process in MB; undefined where there is no /proc. */
export function residentMegabytes(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/** Memory of a process and its children in MB, shared pages by their share; undefined where that cannot be read. */
export function proportionalMegabytes(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const family = processes
    .flatMap((name) => readStat(Number(name)))
    .filter((one) => one.pid === pid || one.parent === pid);
  try {
    const kilobytes = family.map((one) =>
      Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${one.pid}/smaps_rollup`, 'utf8'))?.[1]),
    );
    return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
  } catch {
    return undefined; // of another user, or it has just ended
  }
}

/** Fields of /proc/PID/stat after the name, which may hold anything: see proc(5). Empty when the process has just ended. */
function readStat(pid: number): { pid: number; parent: number; ticks: number }[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0); // utime, stime, cutime, cstime
    return [{ pid, parent: Number(fields[1]), ticks }];
  } catch {
    return [];
  }
}
