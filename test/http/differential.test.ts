import { env } from "node:process";
import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { compare, differsInPieces, everyCut } from "./compare.ts";
import { CORPUS } from "./corpus.ts";
import { drawStream } from "./grammar.ts";
import type { Stream } from "./message.ts";
import { mutate } from "./mutate.ts";
import { OTHERS, STRICTER } from "./standing-differences.ts";

/** WEFT_HTTP_STREAMS=1000000 is the nightly form; WEFT_HTTP_SEED repeats a run, or makes another. */
const STREAMS = Number(env["WEFT_HTTP_STREAMS"] ?? 50_000);
const SEED = Number(env["WEFT_HTTP_SEED"] ?? 4);
/** Streams in the quick form that are read at every cut; all are in the nightly form. */
const ONE_OF = STREAMS > 50_000 ? 1 : 10;
const ODDNESS = [0, 0.02, 0.05, 0.15];

describe("our reader and llhttp", () => {
  test.each(CORPUS)("stand as they are known to on: $about", (stream) => {
    const verdict = compare(stream);
    expect(verdict.kind === "standing" ? verdict.row : verdict).toEqual(
      stream.row === "same" ? expect.objectContaining({ kind: "same" }) : stream.row,
    );
    expect(differsInPieces(stream, everyCut(stream.text.length))).toBeUndefined();
  });

  test("differ in nothing that has no case", () => {
    const rows = [...STRICTER.map(({ rule }) => rule), ...OTHERS.map(({ name }) => name)];
    expect(new Set(CORPUS.map(({ row }) => row))).toEqual(new Set(["same", ...rows]));
  });

  test(
    `differ in nothing new over ${STREAMS} streams of seed ${SEED}`,
    () => {
      const random = seededRandom(SEED);
      let messages = 0;
      let refused = 0;
      for (let i = 0; i < STREAMS; i++) {
        const drawn = drawStream(random, ODDNESS[i % ODDNESS.length]!);
        const stream = random.below(2) === 0 ? drawn : { ...drawn, text: mutate(random, drawn.text) };
        const verdict = compare(stream);
        if (verdict.kind === "new") throw new Error(report(i, stream, JSON.stringify(verdict)));
        if (verdict.kind === "same") {
          messages += verdict.messages;
          if (verdict.refused) refused++;
        }
        const cuts = i % ONE_OF === 0 ? everyCut(stream.text.length) : [someCuts(stream.text.length)];
        const difference = differsInPieces(stream, cuts);
        if (difference !== undefined) throw new Error(report(i, stream, difference));
      }
      // Neither all right nor all wrong: else the comparison says nothing.
      expect(messages).toBeGreaterThan(STREAMS / 3);
      expect(refused).toBeGreaterThan(STREAMS / 5);

      function someCuts(length: number): readonly number[] {
        return Array.from({ length: 1 + random.below(8) }, () => random.below(length + 1)).sort((a, b) => a - b);
      }
    },
    STREAMS * 20,
  );
});

function report(index: number, stream: Stream, what: string): string {
  return `stream ${index} of WEFT_HTTP_SEED=${SEED}: ${JSON.stringify(stream)}\n${what}`;
}
