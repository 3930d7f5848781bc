import { VALUE } from "../head/byte-tables.ts";
import { EOS, HUFFMAN_CODES } from "./huffman-code.ts";

// A state stands for the bits that are left over when a byte has been read: an inner node of the tree of codes, of which
// there are 256. A step is found by state and byte, and is one number:
//   bits 0 to 7    the second symbol, where there are two
//   bits 8 to 15   the first symbol
//   bits 16 to 17  how many symbols: a code has at least 5 bits, so that a byte ends two at most
//   bits 18 to 25  the next state
//   bit 26         one of the symbols is a byte that no field value may hold (RFC 9113 8.2.1)
// or WRONG, when EOS comes up.
export const SECOND_SHIFT = 0;
export const FIRST_SHIFT = 8;
export const COUNT_SHIFT = 16;
export const STATE_SHIFT = 18;
export const CONTROL: number = 1 << 26;
export const WRONG = -1;

/**
 * The states in which a text may end: no bits left over, or one to seven that are all ones (RFC 7541 5.2). They have the
 * lowest numbers.
 */
export const LAST_ENDING_STATE = 7;

/** Steps by `state << 8 | byte`, from state 0 on. */
export const STEPS: Int32Array = steps(tree());

/** An inner node, and what follows on a bit 0 or 1: another one, or a symbol. */
interface Node {
  state: number;
  readonly next: (Node | number)[];
}

function tree(): Node {
  const root: Node = { state: 0, next: [] };
  const nodes = [root];
  for (const { symbol, code, bits } of HUFFMAN_CODES) {
    let node = root;
    for (let bit = bits - 1; bit > 0; bit--) node = follow(node, (code >>> bit) & 1);
    node.next[code & 1] = symbol;
  }
  number(root, nodes);
  return root;

  function follow(from: Node, bit: number): Node {
    const next = from.next[bit];
    if (typeof next === "object") return next;
    const made: Node = { state: 0, next: [] };
    nodes.push(made);
    from.next[bit] = made;
    return made;
  }
}

/** Those where only ones have led to come first. */
function number(root: Node, nodes: readonly Node[]): void {
  const ones = new Set<Node>();
  for (let node: Node | number = root; typeof node === "object"; node = node.next[1]!) ones.add(node);
  let state = 0;
  for (const node of [...ones, ...nodes.filter((other) => !ones.has(other))]) node.state = state++;
}

function steps(root: Node): Int32Array {
  const found = new Int32Array(256 * 256).fill(WRONG);
  const all: Node[] = [root];
  for (const node of all) {
    for (const next of node.next) if (typeof next === "object") all.push(next);
    walk(node, 1, 0, node.state << 8);
  }
  return found;

  /** Goes through all bytes that begin with the bits that led to `node`: `bits` are these behind a 1. */
  function walk(node: Node, bits: number, symbols: number, row: number): void {
    if (bits > 0xff) {
      found[row | (bits & 0xff)] = (node.state << STATE_SHIFT) | symbols;
      return;
    }
    for (let bit = 0; bit < 2; bit++) {
      const next = node.next[bit]!;
      if (typeof next === "object") walk(next, (bits << 1) | bit, symbols, row);
      else if (next !== EOS) walk(root, (bits << 1) | bit, withSymbol(symbols, next), row);
    }
  }
}

function withSymbol(symbols: number, symbol: number): number {
  const count = (symbols >>> COUNT_SHIFT) & 3;
  const control = VALUE[symbol] === 0 ? CONTROL : 0;
  return (symbols | control) + (1 << COUNT_SHIFT) + (symbol << (count === 0 ? FIRST_SHIFT : SECOND_SHIFT));
}
