import type { Random } from "@weft/core";

/**
 * Draws the same numbers for the same seed, on every machine.
 *
 * Source: sfc32 of PractRand (128 bits of state, period 2^32 at least), its state filled from the seed and stirred by
 * twelve draws.
 *
 * @param seed any whole number; its low 32 bits count
 */
export function seededRandom(seed: number): Random {
  let a = 0;
  let b = seed | 0;
  let c = 0;
  let counter = 1;

  function word(): number {
    const drawn = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }

  for (let i = 0; i < 12; i++) word();

  return {
    below(bound) {
      checkBound(bound);
      for (;;) {
        const drawn = word();
        // Of 32 bits both, so that it is a division of whole numbers: that of floats takes several times as long.
        const rest = bound === WORDS ? drawn : drawn % (bound >>> 0);
        // The words past the last whole multiple of `bound` would favour the small numbers: draw again.
        if (drawn - rest <= WORDS - bound) return rest;
      }
    },
    unit: () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53,
  };
}

/** Draws that a test wrote down. */
export interface SequenceRandom extends Random {
  /** Draws not yet taken. 0 at the end of a test shows that the code drew as often as expected. */
  remaining(): number;
}

/**
 * Answers each draw, `below` or `unit`, with the next of the numbers given.
 *
 * @param draws for `below(bound)` whole numbers under the bound, for `unit()` numbers in [0, 1)
 * @throws when drawn from (not here): Error when all are taken; RangeError when the next does not fit the draw
 */
export function sequenceRandom(draws: readonly number[]): SequenceRandom {
  let taken = 0;

  function next(asked: string, fits: (drawn: number) => boolean): number {
    const drawn = draws[taken];
    if (drawn === undefined) throw new Error(`${asked}: all ${draws.length} draws of the sequence are taken`);
    if (!fits(drawn)) throw new RangeError(`${asked}: draw ${taken} of the sequence is ${drawn}, which does not fit`);
    taken++;
    return drawn;
  }

  return {
    below(bound) {
      checkBound(bound);
      return next(`below(${bound})`, (drawn) => Number.isInteger(drawn) && drawn >= 0 && drawn < bound);
    },
    unit: () => next("unit()", (drawn) => drawn >= 0 && drawn < 1),
    remaining: () => draws.length - taken,
  };
}

const WORDS = 2 ** 32;

function checkBound(bound: number): void {
  if (!Number.isInteger(bound) || bound < 1 || bound > WORDS) {
    throw new RangeError(`below(${bound}): the bound is not a whole number in 1..${WORDS}`);
  }
}
