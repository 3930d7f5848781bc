import { readFileSync, statSync } from "node:fs";

/** Files and sockets that this process has open. Undefined where the system does not say: Linux does since 6.2. */
export function openDescriptors(): number | undefined {
  const open = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size ?? 0;
  return open === 0 ? undefined : open;
}

/** How many it may have open at once. Undefined where the system does not say, or sets no limit. */
export function mostDescriptors(): number | undefined {
  let limits: string;
  try {
    limits = readFileSync("/proc/self/limits", "latin1");
  } catch {
    return undefined; // no Linux
  }
  const [, most] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return most === undefined ? undefined : Number(most);
}
