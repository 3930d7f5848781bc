import * as v from "valibot";
import {
  type Address,
  ADDRESS_PATTERN,
  type Duration,
  DURATION_PATTERN,
  DURATION_UNITS,
  durationMs,
  type ListenAddress,
  type Size,
  SIZE_PATTERN,
  SIZE_UNITS,
  sizeBytes,
  UNIX_PATTERN,
} from "../input/units.ts";
import { measureUpTo, wholeUpTo } from "./bounds.ts";

/**
 * The kinds of single values in a policy. Each carries one message, the words after the value: "-1 is not in 0..10".
 * The title says for the pages and for editors what may be written.
 */
export type Leaf<T> = v.GenericSchema<T>;

const LONGEST_DURATION = "24h";
const LARGEST_SIZE = "1GiB";

export function wholeNumber(min: number, max: number): Leaf<number> {
  const message = `is not in ${min}..${max}`;
  const whole = `is not a whole number in ${min}..${max}`;
  return v.pipe(
    v.number(whole),
    v.integer(whole),
    v.minValue(min, message),
    v.maxValue(max, message),
    v.title(`whole number in ${min}..${max}`),
  );
}

export function number(min: number, max: number): Leaf<number> {
  const message = `is not a number in ${min}..${max}`;
  return v.pipe(
    v.number(message),
    v.minValue(min, message),
    v.maxValue(max, message),
    v.title(`number in ${min}..${max}`),
  );
}

/** A share in [0, 1], or in (0, 1] with `positive`. */
export function ratio(positive: "positive" | "from zero" = "from zero"): Leaf<number> {
  const range = positive === "positive" ? "ratio above 0 and up to 1" : "ratio in 0..1";
  const message = `is not a ${range}`;
  const most = v.pipe(v.number(message), v.maxValue(1, message), v.title(range));
  return positive === "positive" ? v.pipe(most, v.gtValue(0, message)) : v.pipe(most, v.minValue(0, message));
}

/** @param zero whether `0s` means something here */
export function duration(zero: "zero allowed" | "above zero" = "above zero"): Leaf<Duration> {
  const form = 'is not a duration such as "250ms", "2s", "5m" or "1h"';
  const range = `duration ${zero === "above zero" ? "above 0s" : "from 0s"} up to ${LONGEST_DURATION}`;
  const schema = v.pipe(
    v.string(form),
    v.regex(DURATION_PATTERN, form),
    v.regex(measureUpTo(durationMs(LONGEST_DURATION), DURATION_UNITS, zero === "zero allowed"), `is not a ${range}`),
    v.title(range),
  );
  // The pattern admits nothing that is not a number followed by a unit, which is what Duration says.
  return schema as unknown as Leaf<Duration>;
}

export function size(): Leaf<Size> {
  return sizeUpTo(LARGEST_SIZE, SIZE_UNITS, "from zero");
}

/** A size that the head of a message may have: no whole GiB fits, so none is written. */
export function headSize(): Leaf<Size> {
  const { B, KiB, MiB } = SIZE_UNITS;
  return sizeUpTo("1MiB", { B: B!, KiB: KiB!, MiB: MiB! }, "above zero");
}

function sizeUpTo(
  largest: Size,
  units: Readonly<Record<string, number>>,
  zero: "from zero" | "above zero",
): Leaf<Size> {
  const form = 'is not a size such as "512B", "16KiB" or "1MiB"';
  const range = `size ${zero === "from zero" ? "" : "above 0B and "}up to ${largest}`;
  const schema = v.pipe(
    v.string(form),
    v.regex(SIZE_PATTERN, form),
    v.regex(measureUpTo(sizeBytes(largest), units, zero === "from zero"), `is not a ${range}`),
    v.title(range),
  );
  // The pattern admits nothing that is not a number followed by a unit, which is what Size says.
  return schema as unknown as Leaf<Size>;
}

export function address(): Leaf<Address> {
  const form = 'is not an address such as "127.0.0.1:8080", "orders.local:80" or "[::1]:80"';
  const schema = v.pipe(
    v.string(form),
    v.regex(ADDRESS_PATTERN, form),
    v.regex(new RegExp(`:(?!0+$)${wholeUpTo(65_535)}$`), "has a port that is not in 1..65535"),
    v.title("address `host:port`"),
  );
  // The pattern ends in a colon and digits, which is what Address says.
  return schema as unknown as Leaf<Address>;
}

/** An address to listen on, port 0 and sockets of the file system included. */
export function listenAddress(): Leaf<ListenAddress> {
  const form = 'is not an address to listen on such as "127.0.0.1:15001", "[::1]:0" or "unix:/run/weft.sock"';
  const schema = v.pipe(
    v.string(form),
    v.regex(eitherPattern(ADDRESS_PATTERN, UNIX_PATTERN), form),
    v.regex(new RegExp(`^unix:\\D|:${wholeUpTo(65_535)}$`), "has a port that is not in 0..65535"),
    v.title("address `host:port`, port 0 for any free one, or `unix:` and a path"),
  );
  // The pattern admits `unix:` and a path, or what ends in a colon and digits, which is what ListenAddress says.
  return schema as unknown as Leaf<ListenAddress>;
}

/** An address to connect to, sockets of the file system included. */
export function connectAddress(): Leaf<ListenAddress> {
  const form = 'is not an address such as "127.0.0.1:3000", "[::1]:3000" or "unix:/run/app.sock"';
  const schema = v.pipe(
    v.string(form),
    v.regex(eitherPattern(ADDRESS_PATTERN, UNIX_PATTERN), form),
    v.regex(new RegExp(`^unix:\\D|:(?!0+$)${wholeUpTo(65_535)}$`), "has a port that is not in 1..65535"),
    v.title("address `host:port`, or `unix:` and a path"),
  );
  // As above.
  return schema as unknown as Leaf<ListenAddress>;
}

function eitherPattern(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"));
}

export function yesOrNo(): Leaf<boolean> {
  return v.pipe(v.boolean("is not true or false"), v.title("true or false"));
}

export function oneOf<const T extends string>(words: readonly T[]): Leaf<T> {
  return v.picklist(words, `is not one of ${words.join(", ")}`);
}

/** A string that matches; `what` it is, with its article, is the message and the title. */
export function text(pattern: RegExp, what: string): Leaf<string> {
  const message = `is not ${what}`;
  return v.pipe(v.string(message), v.regex(pattern, message), v.title(what));
}

export const url = (): Leaf<string> =>
  text(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 'a URL such as "http://127.0.0.1:8500", without a user or query');
const NAME = "a name of letters, digits, dots, dashes and underscores";
export const name = (): Leaf<string> => text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, NAME);
/** A name that is a key. Schemas pass over keys that are words of JavaScript's own; `findProblems` refuses them. */
export const nameAsKey = (): Leaf<string> =>
  text(/^(?!(constructor|prototype)$)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, NAME);
export const token = (what: string): Leaf<string> => text(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, what);
export const cookiePath = (): Leaf<string> => text(/^\/[!-:<-~]{0,255}$/, 'a path such as "/"');
export const variable = (): Leaf<string> =>
  text(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/, "the name of an environment variable");
export const file = (): Leaf<string> => text(/^[^\0]{1,4096}$/, "the path of a file");
