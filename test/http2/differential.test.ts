import { env } from "node:process";
import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { drawFrames, mutateFrames } from "./draw-frames.ts";
import { inWords } from "./frames.ts";
import { nghttp2Serving } from "./nghttp2-serving.ts";
import { completed, cutIntoFrames, kindOf, outcomeOf } from "./outcome.ts";
import { serving } from "./serving.ts";
import { DIFFERENCES, inBothWords, type Parting, readFrames } from "./standing-differences.ts";

/** WEFT_HTTP2_SEQUENCES=100000 is the nightly form; WEFT_HTTP2_SEED repeats a run, or makes another. */
const SEQUENCES = Number(env["WEFT_HTTP2_SEQUENCES"] ?? 500);
const SEED = Number(env["WEFT_HTTP2_SEED"] ?? 5);
const ODDNESS = [0, 0, 0.05, 0.2];
/** Sequences that are under way at once: most of the time is spent on waiting for the other side. */
const AT_ONCE = 8;
/** Up to so many bytes a sequence is small: every so many of these are sent cut in two at every byte. */
const SMALL_BYTES = 100;
const ONE_OF = SEQUENCES > 500 ? 2 : 12;

describe("weft and nghttp2", () => {
  test(
    `make the same of ${SEQUENCES} sequences of frames of seed ${SEED}, but for what stands in the table`,
    async () => {
      const ours = await serving();
      const theirs = await nghttp2Serving();
      const random = seededRandom(SEED);
      const seen = new Map<string, number>();
      const unexplained: string[] = [];
      let drawn = 0;
      async function next(): Promise<void> {
        while (drawn < SEQUENCES) {
          const index = drawn++;
          const made = drawFrames(random, ODDNESS[index % ODDNESS.length]!);
          const frames = index % 3 > 0 ? made : mutateFrames(random, made);
          const verdict = await compare(ours.address, theirs.address, frames);
          if (verdict.kind === "new")
            unexplained.push(`${report(index, Buffer.concat(frames), undefined)}\n${verdict.what}`);
          else seen.set(verdict.what, (seen.get(verdict.what) ?? 0) + 1);
          ours.exchanges.length = 0;
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, next));
      expect(unexplained.slice(0, 10).join("\n\n")).toBe("");
      // Neither all well nor all broken: else the comparison says nothing.
      expect(seen.get("goes on")).toBeGreaterThan(SEQUENCES / 4);
      expect(seen.get("connection error")).toBeGreaterThan(SEQUENCES / 20);
    },
    SEQUENCES * 50 + 20_000,
  );

  test(
    `a sequence of seed ${SEED} comes to the same wherever its bytes are cut`,
    async () => {
      const { address, exchanges } = await serving();
      const random = seededRandom(SEED);
      for (let i = 0; i < SEQUENCES; i++) {
        const made = drawFrames(random, ODDNESS[i % ODDNESS.length]!);
        const frames = i % 3 > 0 ? made : mutateFrames(random, made);
        const bytes = Buffer.concat(frames);
        if (i % ONE_OF !== 0 || bytes.length > SMALL_BYTES) continue;
        const whole = await outcomeOf(address, frames);
        for (let from = 1; from < bytes.length; from += AT_ONCE) {
          const cuts = Array.from({ length: AT_ONCE }, (_, j) => from + j).filter((at) => at < bytes.length);
          const outcomes = await Promise.all(cuts.map((at) => outcomeOf(address, frames, [at])));
          for (const [j, outcome] of outcomes.entries()) expect(outcome, report(i, bytes, cuts[j])).toEqual(whole);
        }
        exchanges.length = 0;
      }
    },
    SEQUENCES * 50 + 20_000,
  );
});

/** How two servers stand to each other on one sequence. */
interface Verdict {
  /** "new": a difference that nobody has looked at. */
  readonly kind: "same" | "standing" | "new";
  /** What both made of it, the name of the difference, or what is different. */
  readonly what: string;
}

async function compare(ours: string, theirs: string, frames: readonly Buffer[]): Promise<Verdict> {
  const bytes = Buffer.concat(frames);
  const both = await bothOf(ours, theirs, [bytes]);
  const kind = kindOf(both.ours);
  if (kind === kindOf(both.theirs)) return { kind: "same", what: both.ours.connection === "open" ? "goes on" : kind };
  // Where they part first is what they differ in.
  const pieces = cutIntoFrames(bytes);
  for (let count = 1; count <= pieces.length; count++) {
    const part = await bothOf(ours, theirs, pieces.slice(0, count));
    if (kindOf(part.ours) === kindOf(part.theirs)) continue;
    const read = readFrames(completed(Buffer.concat(pieces.slice(0, count))));
    const frame = read.at(-1);
    if (frame === undefined) break;
    const parting: Parting = { ...part, frame, before: read.slice(0, -1) };
    const difference = DIFFERENCES.find(({ holds }) => holds(parting));
    if (difference !== undefined) return { kind: "standing", what: difference.name };
    return { kind: "new", what: `${inBothWords(parting)}\n  ${read.map(inWords).join("\n  ")}` };
  }
  return { kind: "new", what: "when it was sent again, there was no difference" };
}

async function bothOf(
  ours: string,
  theirs: string,
  frames: readonly Buffer[],
): Promise<Pick<Parting, "ours" | "theirs">> {
  const [mine, other] = await Promise.all([outcomeOf(ours, frames), outcomeOf(theirs, frames)]);
  return { ours: mine, theirs: other };
}

function report(index: number, bytes: Buffer, cut: number | undefined): string {
  const where = cut === undefined ? "" : `, cut at ${cut}`;
  return `sequence ${index < 0 ? "" : index} of WEFT_HTTP2_SEED=${SEED}${where}: ${bytes.toString("hex")}`;
}
