import { callFlags, type Decision } from "@weft/core";
import type { Hop } from "../hop/hop.ts";
import type { ResponseFlag } from "./response-flags.ts";

/** Why a hop went wrong, in letters; none when it did not. @param decisions those about its call */
export function flagsOfHop({ error, end }: Hop, decisions: readonly Decision[]): readonly ResponseFlag[] {
  return callFlags({ givenUp: end === "caller", error: error?.code }, decisions);
}
