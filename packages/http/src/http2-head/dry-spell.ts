const MISSES_UNTIL_DRY = 32;
const LOOKED_FOR_WHEN_DRY = 8; // one in so many

/**
 * Tells a memo whether it is worth a look. Where one after the other is new, as with a trace or a path of its own in each
 * request, most are not even looked for.
 */
export class DrySpell {
  /** Looks since the last hit; from MISSES_UNTIL_DRY on it goes round. */
  #looks = 0;

  /** Asked in front of each look. */
  isWorthALook(): boolean {
    if (++this.#looks <= MISSES_UNTIL_DRY) return true;
    if (this.#looks < MISSES_UNTIL_DRY + LOOKED_FOR_WHEN_DRY) return false;
    this.#looks = MISSES_UNTIL_DRY;
    return true;
  }

  /** What was looked for was there. */
  end(): void {
    this.#looks = 0;
  }
}
