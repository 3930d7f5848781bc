import { readdirSync, readFileSync } from "node:fs";

/** CPU time that a process, its threads and its children have used since they began, in microseconds. */
export interface Cpu {
  readonly totalUs: number;
  readonly userUs: number;
  readonly systemUs: number;
}

/** Ticks of `/proc/PID/stat` are 1/100 s on every Linux that Node runs on. */
const TICK_US = 10_000;

/**
 * The user and system parts are in ticks of 10 ms; the total is read in nanoseconds where the kernel gives it, because
 * a tick is 2 % of a round of one second.
 *
 * @param pid 0 for none at all, which uses nothing
 * @throws Error when there is no such process
 */
export function cpuOf(pid: number): Cpu {
  if (pid === 0) return { totalUs: 0, userUs: 0, systemUs: 0 };
  let user = 0;
  let system = 0;
  let fineUs = 0;
  for (const each of family(pid)) {
    const fields = stat(each);
    user += Number(fields[11]) + Number(fields[13]); // utime, and cutime: of children that have ended
    system += Number(fields[12]) + Number(fields[14]);
    fineUs += scheduledUs(each);
  }
  const userUs = user * TICK_US;
  const systemUs = system * TICK_US;
  return { userUs, systemUs, totalUs: fineUs > 0 ? fineUs : userUs + systemUs };
}

/**
 * CPU time of all children of this process that have ended, in microseconds: what grew over one of them is its own. To
 * 10 ms.
 */
export function endedChildrenUs(): number {
  const fields = stat("self");
  return (Number(fields[13]) + Number(fields[14])) * TICK_US;
}

/** Memory of the process and its children that is in RAM, in bytes. Pages they share count more than once. */
export function rssOf(pid: number): number {
  let kib = 0;
  for (const each of family(pid)) {
    const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${each}/status`, "latin1"));
    kib += Number(line?.[1] ?? 0);
  }
  return kib * 1024;
}

/** Fields of `/proc/PID/stat` behind the name, which may hold spaces: [0] is the state, [1] the parent. */
function stat(pid: number | "self"): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Time on a processor of all threads that live, 0 where the kernel keeps no such count. */
function scheduledUs(pid: number): number {
  let ns = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
    }
  } catch {
    return 0;
  }
  return ns / 1_000;
}

/** The process and everything that descends from it. */
function family(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(stat(Number(name))[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const all = [pid];
  for (const each of all) all.push(...(children.get(each) ?? []));
  return all;
}
