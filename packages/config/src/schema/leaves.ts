import * as v from "valibot";
import {
  type Address,
  ADDRESS_PATTERN,
  type Duration,
  DURATION_PATTERN,
  durationMs,
  portOf,
  type Size,
  SIZE_PATTERN,
  sizeBytes,
} from "../input/units.ts";

/**
 * The kinds of single values in a policy. Each carries one message, the words after the value: "-1 is not in 0..10".
 */
export type Leaf<T> = v.GenericSchema<T>;

export const LONGEST_DURATION = "24h";
export const LARGEST_SIZE = "1GiB";

export function wholeNumber(min: number, max: number): Leaf<number> {
  const message = `is not in ${min}..${max}`;
  const whole = `is not a whole number in ${min}..${max}`;
  return v.pipe(v.number(whole), v.integer(whole), v.minValue(min, message), v.maxValue(max, message));
}

export function number(min: number, max: number): Leaf<number> {
  const message = `is not a number in ${min}..${max}`;
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message));
}

/** A share in [0, 1], or in (0, 1] with `positive`. */
export function ratio(positive: "positive" | "from zero" = "from zero"): Leaf<number> {
  const message = positive === "positive" ? "is not a ratio above 0 and up to 1" : "is not a ratio in 0..1";
  if (positive === "positive") return v.pipe(v.number(message), v.gtValue(0, message), v.maxValue(1, message));
  return v.pipe(v.number(message), v.minValue(0, message), v.maxValue(1, message));
}

/** @param zero whether `0s` means something here */
export function duration(zero: "zero allowed" | "above zero" = "above zero"): Leaf<Duration> {
  const form = 'is not a duration such as "250ms", "2s", "5m" or "1h"';
  const range = `is not a duration ${zero === "above zero" ? "above 0s" : "from 0s"} up to ${LONGEST_DURATION}`;
  const longestMs = durationMs(LONGEST_DURATION);
  const schema = v.pipe(
    v.string(form),
    v.regex(DURATION_PATTERN, form),
    v.check((text) => durationMs(text) <= longestMs && (durationMs(text) > 0 || zero === "zero allowed"), range),
  );
  // The pattern admits nothing that is not a number followed by a unit, which is what Duration says.
  return schema as unknown as Leaf<Duration>;
}

export function size(): Leaf<Size> {
  const form = 'is not a size such as "512B", "16KiB" or "1MiB"';
  const schema = v.pipe(
    v.string(form),
    v.regex(SIZE_PATTERN, form),
    v.check((text) => sizeBytes(text) <= sizeBytes(LARGEST_SIZE), `is not a size up to ${LARGEST_SIZE}`),
  );
  // The pattern admits nothing that is not a number followed by a unit, which is what Size says.
  return schema as unknown as Leaf<Size>;
}

export function address(): Leaf<Address> {
  const form = 'is not an address such as "127.0.0.1:8080", "orders.local:80" or "[::1]:80"';
  const schema = v.pipe(
    v.string(form),
    v.regex(ADDRESS_PATTERN, form),
    v.check((text) => !Number.isNaN(portOf(text)), "has a port that is not in 1..65535"),
  );
  // The pattern ends in a colon and digits, which is what Address says.
  return schema as unknown as Leaf<Address>;
}

export function oneOf<const T extends string>(words: readonly T[]): Leaf<T> {
  return v.picklist(words, `is not one of ${words.join(", ")}`);
}

export function text(pattern: RegExp, what: string): Leaf<string> {
  const message = `is not ${what}`;
  return v.pipe(v.string(message), v.regex(pattern, message));
}

export const url = (): Leaf<string> =>
  text(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 'a URL such as "http://127.0.0.1:8500", without a user or query');
export const name = (): Leaf<string> =>
  text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "a name of letters, digits, dots, dashes and underscores");
export const token = (what: string): Leaf<string> => text(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, what);
export const file = (): Leaf<string> => text(/^[^\0]{1,4096}$/, "the path of a file");
