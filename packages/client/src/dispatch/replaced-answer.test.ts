import { expect, test } from "vitest";
import type { Controller } from "./exchange.ts";
import { ReplacedAnswer } from "./replaced-answer.ts";

const KIB = 1024;

test.each([
  { announced: 0, pieces: [], told: ["resume"], why: "nothing has come yet" },
  { announced: 64 * KIB, pieces: [32 * KIB, 32 * KIB], told: ["resume"], why: "it is small enough to be read" },
  { announced: 64 * KIB + 1, pieces: [], told: ["abort"], why: "it says that it is too long" },
  { announced: 0, pieces: [64 * KIB, 1], told: ["resume", "abort"], why: "it has become too long" },
])("of $announced bytes announced and $pieces come: $told, for $why", ({ announced, pieces, told }) => {
  const seen: string[] = [];
  const answer = new ReplacedAnswer(controller(seen));
  answer.begin(announced);
  for (const bytes of pieces) answer.received(bytes);
  expect(seen).toEqual(told);
});

function controller(told: string[]): Controller {
  return {
    aborted: false,
    reason: null,
    paused: true,
    pause: () => told.push("pause"),
    resume: () => told.push("resume"),
    abort: () => told.push("abort"),
  };
}
