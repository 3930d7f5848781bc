import type { Picker } from "@weft/core";
import { HASH_CLAIMS } from "./hash-claims.ts";
import { CLAIMS } from "./picker-claims.ts";

/** One thing that is promised of every picker. */
export interface PickerClaim {
  /** For a test's title: `fills each of 4 endpoints to its limit, and none beyond`. */
  readonly title: string;
  /** @throws Error (of node:assert, with what was found) when the picker breaks the promise */
  check(): void;
}

/**
 * What a cluster relies on when it asks a picker, as claims to be run in any test runner:
 *
 *   for (const { title, check } of pickerConformance(() => myPicker())) test(title, check);
 *
 * One that goes by keys (`hashes`) is held to all of it with keys and without, and to what is promised of keys besides.
 *
 * @param make a fresh picker for each cluster
 */
export function pickerConformance(make: () => Picker): readonly PickerClaim[] {
  const plain = CLAIMS.map(({ title, check }) => ({ title, check: () => check(make, "unkeyed") }));
  if (make().hashes !== true) return plain;
  return [
    ...plain,
    ...CLAIMS.map(({ title, check }) => ({ title: `${title}, by keys`, check: () => check(make, "keyed") })),
    ...HASH_CLAIMS.map(({ title, check }) => ({ title, check: () => check(make) })),
  ];
}
