/** Up to here the series below leaves out less than a double holds. */
const SHORT = 1 / 64;

/**
 * What is left after `lives` time constants, >= 0: `exp(-lives)`, to 14 digits.
 *
 * Attempts follow each other so closely that it is mostly asked of next to nothing. A call of `Math.exp` leaves compiled
 * code; seven terms of its series do not.
 */
export function decay(lives: number): number {
  if (lives > SHORT) return Math.exp(-lives);
  const third = 1 / 6 - lives * (1 / 24 - lives * (1 / 120 - lives / 720));
  return 1 - lives * (1 - lives * (1 / 2 - lives * third));
}
