/** Which try of a call this is to a layer further out that repeats it, as the field `x-attempt` says. */
export interface OtherAttempt {
  /** 1 for its first attempt; 0: it does not say. */
  readonly number: number;
  /** How many it makes at most; 0: it does not say. */
  readonly most: number;
  readonly by: Repeater;
}

/** Who repeats. `grpc`: a library of gRPC by its own rules; `other`: somebody who does not say, or whom we do not know. */
export type Repeater = "sdk" | "sidecar" | "gateway" | "grpc" | "other";

/** The numbers that stand for them in records. */
export const REPEATER_CODES: Readonly<Record<Repeater, number>> = { other: 0, sdk: 1, sidecar: 2, gateway: 3, grpc: 4 };

/** How a layer says which attempt of how many its request is. */
export const ATTEMPT_FIELD = "x-attempt";

const FORM = /^(\d{1,3})\/(\d{1,3})(?:;by=([a-z]{1,16}))?$/;

/** `2/3;by=sdk`. @param number 1 for the first attempt; one beyond `most`, by a retry that counts for nothing, is the last */
export function attemptText(number: number, most: number, by: Repeater): string {
  return `${Math.min(number, most)}/${most};by=${by}`;
}

/** Whatever stands there, somebody repeats the call: what cannot be read does so without numbers. */
export function readAttempt(text: string): OtherAttempt {
  const [, number = "0", most = "0", by = "other"] = FORM.exec(text.trim()) ?? [];
  return { number: Number(number), most: Number(most), by: isRepeater(by) ? by : "other" };
}

function isRepeater(word: string): word is Repeater {
  return Object.hasOwn(REPEATER_CODES, word);
}
