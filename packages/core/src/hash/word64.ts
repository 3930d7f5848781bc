/**
 * A 64-bit word as two halves of 32 bits, with the arithmetic that hashes are made of. It wraps, as theirs does.
 *
 * Both halves are signed whole numbers, as the bit operators of JavaScript give them: such a number is no object of its
 * own. BigInt does the same in a line each, and takes an object for each: see `xxh64`.
 */
export class Word64 {
  high = 0;
  low = 0;

  constructor(high = 0, low = 0) {
    this.set(high, low);
  }

  set(high: number, low: number): void {
    this.high = high | 0;
    this.low = low | 0;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  add(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    this.low = sum | 0;
  }

  multiply(high: number, low: number): void {
    // The low halves multiplied in pieces of 16 bits: every sum below stays under 2^32, which a double holds exactly.
    const a0 = this.low & 0xffff;
    const a1 = this.low >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const bottom = a0 * b0;
    const middle = a1 * b0 + (bottom >>> 16);
    const upper = a0 * b1 + (middle & 0xffff);
    const carried = a1 * b1 + (middle >>> 16) + (upper >>> 16);
    this.high = (carried + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = (upper << 16) | (bottom & 0xffff);
  }

  /** @param bits 1 to 63, but not 32 */
  rotateLeft(bits: number): void {
    const swapped = bits > 32;
    const by = swapped ? bits - 32 : bits;
    const high = swapped ? this.low : this.high;
    const low = swapped ? this.high : this.low;
    this.high = (high << by) | (low >>> (32 - by));
    this.low = (low << by) | (high >>> (32 - by));
  }

  /** Mixes its upper bits into the lower: `x ^= x >>> bits`. @param bits 1 to 63 */
  fold(bits: number): void {
    if (bits < 32) {
      this.low ^= (this.low >>> bits) | (this.high << (32 - bits));
      this.high ^= this.high >>> bits;
    } else this.low ^= this.high >>> (bits - 32);
  }

  /** The remainder of the unsigned word. @param divisor 1 to 2^26: what is multiplied below then stays under 2^53 */
  modulo(divisor: number): number {
    const carried = 0x1_0000_0000 % divisor;
    return (((this.high >>> 0) % divisor) * carried + ((this.low >>> 0) % divisor)) % divisor;
  }
}

/** Whether the first unsigned word is below the second. */
export function below(high: number, low: number, otherHigh: number, otherLow: number): boolean {
  return high === otherHigh ? low >>> 0 < otherLow >>> 0 : high >>> 0 < otherHigh >>> 0;
}
