import type { Layer, Watch } from "@weft/core";
import { firstAnswer, type Patience } from "./first-answer.ts";

/**
 * Makes calls wait while nothing is known of the service yet, which is so only right after the start.
 *
 * @throws MeshError NOT_READY when the registry gives no first answer in time, with what it answered instead
 */
export function membership<Req, Res>(watch: Watch, patience: Patience): Layer<Req, Res> {
  return {
    name: "membership",
    inside: ["deadline"], // it bounds the wait
    wrap: (next) => {
      let known = false; // what has been learned once is never unknown again
      return (request, call) => {
        known ||= watch.membership.freshness.kind !== "pending";
        if (known) return next(request, call);
        return firstAnswer(watch, call.service, patience, call.signal).then(() => next(request, call));
      };
    },
  };
}
