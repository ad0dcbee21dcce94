import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { machineId } from './machine-id.ts';

/**
 * The identity of a process that stays unique when its pid is reused.
 *
 * On Linux `startTime` is `<boot id>/<pid namespace>/<start in clock ticks since boot>`; elsewhere it is the start time of `ps`,
 * in UTC.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly host: string;
  /** A hash of the machine id: machines may share a host name. Absent where there is no id, and in older records. */
  readonly machine?: string;
}

/** `unknown`: a process of another machine or container, which is not visible from here. */
export type Liveness = 'alive' | 'gone' | 'unknown';

let own: ProcessIdentity | undefined;

/** This process. */
export function currentProcess(): ProcessIdentity {
  own ??= identify();
  return own;
}

function identify(): ProcessIdentity {
  const machine = machineId();
  return {
    pid: process.pid,
    startTime: startTime(process.pid) ?? 'unknown',
    host: hostname(),
    ...(machine !== undefined && { machine }),
  };
}

/** A process's identity from parsed JSON; undefined for anything else. */
export function parseIdentity(value: unknown): ProcessIdentity | undefined {
  const { pid, startTime, host, machine } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof host !== 'string') return undefined;
  return { pid, startTime, host, ...(typeof machine === 'string' && { machine }) };
}

/**
 * The state of a recorded process. A dead process whose pid was reused is gone. So is one of an earlier boot of this very
 * machine; an equal host name alone does not prove that.
 */
export function liveness(identity: ProcessIdentity): Liveness {
  const here = currentProcess();
  if (identity.host !== here.host) return 'unknown';
  if (identity.machine !== undefined && here.machine !== undefined && identity.machine !== here.machine)
    return 'unknown';
  if (identity.pid === here.pid && identity.startTime === here.startTime) return 'alive';
  if (process.platform === 'linux') {
    const [boot, namespace] = identity.startTime.split('/');
    const [ownBoot, ownNamespace] = here.startTime.split('/');
    if (boot !== ownBoot) return isThisMachine(identity) ? 'gone' : 'unknown';
    if (namespace !== ownNamespace) return 'unknown';
  }
  const found = startTime(identity.pid);
  if (found !== undefined) return found === identity.startTime ? 'alive' : 'gone';
  return mayExist(identity.pid) ? 'unknown' : 'gone';
}

/** True only where both machine ids are known: an older record may lack it. */
const isThisMachine = ({ machine }: ProcessIdentity): boolean =>
  machine !== undefined && machine === currentProcess().machine;

/** The start of a running process; undefined when there is none, when it is a zombie, or when it is hidden. */
function startTime(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid);
}

function linuxStartTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  // The second field is the name in parentheses, which may hold spaces and parentheses; state is field 3, start field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return `${bootId()}/${pidNamespace()}/${fields[19] ?? ''}`;
}

const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

const pidNamespace = () => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';

function psStartTime(pid: number): string | undefined {
  const { stdout, status } = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout);
  if (status !== 0 || match?.[1] === undefined || match[1].startsWith('Z')) return undefined;
  return match[2];
}

/** True for a process that is hidden from this user. Signal 0 only checks existence. */
function mayExist(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Its start could not be read before: a zombie.
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES';
}
