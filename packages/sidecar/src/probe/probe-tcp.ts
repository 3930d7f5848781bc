import type { ProbeResult } from "@weft/core";
import { dial, type DialOptions, type DialTarget } from "@weft/http";
import { failedCheck, PASSED, untilAborted } from "./probing.ts";

/**
 * Connects to an endpoint as its calls do, and hangs up: a connection, with its TLS where there is any, passes.
 *
 * It is a connection of its own, for one that lies idle says nothing of who would take a new one.
 *
 * @param signal aborts when the check took too long, or is no longer wanted
 */
export function probeTcp(target: DialTarget, options: DialOptions, signal: AbortSignal): Promise<ProbeResult> {
  const done = Promise.withResolvers<ProbeResult>();
  const dialing = dial(
    target,
    {
      connected(socket) {
        socket.on("error", () => {}).destroy();
        done.resolve(PASSED);
      },
      failed: ({ problem }) => done.resolve(failedCheck(problem)),
    },
    options,
  );
  return untilAborted(done, signal, () => dialing.abort());
}
