import { readFileSync } from "node:fs";

/** How many files and sockets this process may have open; where the system does not tell, few. */
export function descriptors(): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 1_024);
  } catch {
    return 1_024;
  }
}
