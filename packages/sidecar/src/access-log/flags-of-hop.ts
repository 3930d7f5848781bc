import type { Decision } from "@weft/core";
import type { Hop } from "../hop/hop.ts";
import { flagOf, type ResponseFlag } from "./response-flags.ts";

/** Why a hop went wrong, in letters; none when it did not. @param decisions those about its call */
export function flagsOfHop({ error, end }: Hop, decisions: readonly Decision[]): readonly ResponseFlag[] {
  if (end === "caller") return ["DC"];
  const flags: ResponseFlag[] = error === undefined ? [] : [flagOf(error.code)];
  return decisions.some(ranOut) ? [...flags, "URX"] : flags;
}

/** A retry was wanted, and what is allowed of them was used up. */
function ranOut(decision: Decision): boolean {
  if (decision.kind !== "retry") return false;
  const { verdict } = decision;
  return verdict === "attempts" || verdict === "budget" || verdict === "concurrency";
}
