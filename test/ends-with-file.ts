import type { ChildProcess } from "node:child_process";
import { afterAll } from "vitest";

const running = new Set<ChildProcess>();
let over = false;

/**
 * Ends a process with the test file that started it, whatever becomes of the test or the hook that did: one that fails
 * half-way, or takes too long, may never come to its own clean-up.
 *
 *   const child = endsWithFile(spawn(command, args));
 *
 * @returns the same
 */
export function endsWithFile<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once("exit", () => running.delete(child));
  if (over) child.kill("SIGKILL"); // a hook goes on behind its timeout
  return child;
}

// Each test file has this module for itself, and imports it before it registers hooks of its own: so this one runs last.
afterAll(() => {
  over = true;
  for (const child of running) child.kill("SIGKILL");
});
