import type { Policy } from "@weft/config";
import { fromEnvironment } from "./from-environment.ts";
import type { Self } from "./peers.ts";

/** Which instance of which service the policy says that this process is; undefined: it does not say. */
export function selfOf({ discovery: { self } }: Policy): Self | undefined {
  return self && { service: self.service, id: self.id && fromEnvironment(self.id) };
}
