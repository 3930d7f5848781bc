import { type Layer, MeshError, type Time, type Watch } from "@weft/core";

export interface MembershipPorts {
  readonly time: Time;
  /** The most a call waits for the registry's first answer, in ms. */
  readonly readyMs: number;
}

/**
 * Makes calls wait while nothing is known of the service yet, which is so only right after the start.
 *
 * @throws MeshError NOT_READY when the registry gives no first answer in time, with what it answered instead
 */
export function membership<Req, Res>(watch: Watch, ports: MembershipPorts): Layer<Req, Res> {
  return {
    name: "membership",
    inside: ["deadline"], // it bounds the wait
    wrap: (next) => {
      let known = false; // what has been learned once is never unknown again
      return (request, call) => {
        known ||= watch.membership.freshness.kind !== "pending";
        if (known) return next(request, call);
        return firstAnswer(watch, call.service, call.signal, ports).then(() => next(request, call));
      };
    },
  };
}

async function firstAnswer(watch: Watch, service: string, signal: AbortSignal, ports: MembershipPorts): Promise<void> {
  const patience = new AbortController();
  const answered = new AbortController();
  // A sleep, and not a mere timer: the call that waits is a reason for the process to stay.
  ports.time.sleep(ports.readyMs, answered.signal).then(
    () => patience.abort(notReady(watch, service, ports.readyMs)),
    () => {}, // the answer came first
  );
  try {
    await watch.ready(AbortSignal.any([signal, patience.signal]));
  } finally {
    answered.abort();
  }
}

function notReady(watch: Watch, service: string, readyMs: number): MeshError {
  const { freshness, source } = watch.membership;
  const said = freshness.kind === "pending" && freshness.error !== undefined ? `: ${freshness.error}` : "";
  return new MeshError(
    "NOT_READY",
    `${source} has given no answer within ${readyMs} ms${said}; is it running, and is the address right?`,
    { service, neverSent: true },
  );
}
