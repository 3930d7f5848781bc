/** What `/explain` of an admin API answers, as far as this command reads it. */
export interface ReadExplanation {
  readonly calls: readonly ReadCall[];
  /** What is said when there is none. */
  readonly none: string;
  /** `seq` of the call that ended last: what to ask `since` next. */
  readonly newest: number;
  /** When the sidecar began: another one has begun to count anew. */
  readonly began: string;
}

interface ReadCall {
  /** All of it in words. */
  readonly text: string;
  /** As it came. */
  readonly data: object;
}

/** @returns undefined: it is another kind of answer */
export function readExplanation(body: unknown): ReadExplanation | undefined {
  if (typeof body !== "object" || body === null || !("calls" in body) || !Array.isArray(body.calls)) return undefined;
  const calls: ReadCall[] = [];
  for (const data of body.calls as readonly unknown[]) {
    if (typeof data !== "object" || data === null || !("text" in data) || typeof data.text !== "string")
      return undefined;
    calls.push({ text: data.text, data });
  }
  return {
    calls,
    none: "none" in body && typeof body.none === "string" ? body.none : "nothing is known of it",
    newest: "newest" in body && typeof body.newest === "number" ? body.newest : 0,
    began: "began" in body && typeof body.began === "string" ? body.began : "",
  };
}

/** Without what a terminal would act on: names of endpoints come from a registry. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, "?");
}
