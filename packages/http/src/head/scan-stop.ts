import { INCOMPLETE } from "./field-scan.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";
import { refusal } from "./refusals.ts";

/**
 * What a scan that did not come to the end of the head says.
 *
 * @param result  of the scan: INCOMPLETE, or that `problem` stopped it
 * @param full    whether as many bytes are here as a head may have: then it is too long, and not incomplete
 * @returns undefined when the rest may still come
 */
export function scanStop(result: number, problem: RefusalCode, full: boolean): Refusal | undefined {
  if (result !== INCOMPLETE) return refusal(problem);
  return full ? refusal("head-too-long") : undefined;
}
