import type { Random } from "@weft/core";
import { block, get, literal, type Pair, post, request } from "./field-block.ts";
import {
  continuation,
  data,
  frame,
  goaway,
  headers,
  ping,
  priority,
  pushPromise,
  reset,
  SETTING,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "./frames.ts";

/** Streams that sequences speak of. */
const IDS = [1, 3, 5] as const;
const ODD_IDS = [0, 1, 2, 3, 4, 5, 7, 101] as const;
/** Answered at the end of the request, or not at all: else it would be a race whether an error comes before the answer. */
const PATHS = ["/echo", "/echo", "/hold"] as const;
const ODD_FIELDS: readonly Pair[] = [
  ["X-Up", "v"],
  ["connection", "close"],
  ["te", "gzip"],
  ["te", "trailers"],
  ["content-length", "3"],
  ["content-length", "0"],
  ["content-length", "x"],
  [":path", "/"],
  [":late", "x"],
  ["host", "a"],
  ["x-a", " v"],
  ["x-a", "v\0"],
  ["transfer-encoding", "chunked"],
  ["cookie", "a=b"],
  ["x-a", ""],
];

/**
 * Draws what a client sends behind its handshake: some requests with their bodies, and between them frames of every
 * kind.
 *
 * @param oddness how likely each part is not what it should be, 0 to 1
 */
export function drawFrames(random: Random, oddness: number): Buffer[] {
  const grammar = new Grammar(random, oddness);
  const frames: Buffer[] = [];
  const open: number[] = [];
  let next = 1;
  for (let count = 2 + random.below(6); count > 0; count--) {
    if (next <= 5 && random.below(3) === 0) {
      const end = random.below(2) === 0;
      frames.push(...grammar.request(grammar.odd() ? grammar.one(ODD_IDS) : next, end));
      if (!end) open.push(next);
      next += 2;
      continue;
    }
    const usual = open.length === 0 ? undefined : grammar.one(open);
    const stream = grammar.odd() ? grammar.one(IDS) : usual;
    const drawn = stream === undefined ? [grammar.ofConnection(1)] : grammar.ofStream(stream);
    frames.push(...drawn);
    if (stream !== undefined && drawn.some(ends) && open.includes(stream)) open.splice(open.indexOf(stream), 1);
  }
  for (const stream of open) if (random.below(3) > 0) frames.push(data(stream, "", { end: true }));
  return frames;
}

function ends(one: Buffer): boolean {
  const type = one[3];
  return type === TYPE.RST_STREAM || ((type === TYPE.DATA || type === TYPE.HEADERS) && (one[4]! & 1) !== 0);
}

/** The frames with one to three small changes: left out, doubled, moved, or a bit of theirs turned. */
export function mutateFrames(random: Random, frames: readonly Buffer[]): Buffer[] {
  const mutated = frames.map((one) => Buffer.from(one));
  for (let count = 1 + random.below(3); count > 0 && mutated.length > 0; count--) {
    const at = random.below(mutated.length);
    const one = mutated[at]!; // at is in the list
    switch (random.below(6)) {
      case 0:
        mutated.splice(at, 1);
        break;
      case 1:
        mutated.splice(at, 0, Buffer.from(one));
        break;
      case 2:
        mutated.splice(random.below(mutated.length), 0, ...mutated.splice(at, 1));
        break;
      case 3: // in the head of the frame, but for its length
        one[3 + random.below(6)]! ^= 1 << random.below(8);
        break;
      case 4:
        one[2] = random.below(20);
        break;
      default:
        if (one.length > 9) one[9 + random.below(one.length - 9)]! ^= 1 << random.below(8);
    }
  }
  return mutated;
}

class Grammar {
  readonly #random: Random;
  readonly #oddness: number;

  constructor(random: Random, oddness: number) {
    this.#random = random;
    this.#oddness = oddness;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }

  odd(): boolean {
    return this.#random.unit() < this.#oddness;
  }

  request(stream: number, end: boolean): Buffer[] {
    const more = this.odd() ? [this.one(ODD_FIELDS)] : [];
    const whole = this.one([get, post])(this.one(PATHS), ...more);
    const fields = this.odd() ? this.one([block(), request("", "/echo"), literal("x", "y"), whole.subarray(5)]) : whole;
    const pad = this.#random.below(5) === 0 ? this.#random.below(20) : undefined;
    if (this.#random.below(4) > 0) return [headers(stream, fields, pad === undefined ? { end } : { end, pad })];
    const cut = this.#random.below(fields.length + 1);
    return [
      headers(stream, fields.subarray(0, cut), { end, endHeaders: false }),
      continuation(stream, fields.subarray(cut), !this.odd()),
    ];
  }

  ofStream(stream: number): Buffer[] {
    const id = this.odd() ? this.one(ODD_IDS) : stream;
    const end = this.#random.below(3) === 0;
    switch (this.#random.below(10)) {
      case 0:
      case 1:
      case 2:
        return [data(id, this.one(["", "x", "four", "x".repeat(300)]), { end })];
      case 3:
        return [data(id, "x", { end, pad: this.#random.below(30) })];
      case 4:
        return [headers(id, block(this.odd() ? this.one(ODD_FIELDS) : ["x-sum", "5"]), { end: !this.odd() })];
      case 5:
        return [reset(id, this.one([0, 8, 2, 99]))];
      case 6:
        return [windowUpdate(id, this.odd() ? this.one([0, 2 ** 31 - 1, 2 ** 31]) : this.one([1, 100]))];
      case 7:
        return [priority(id, this.one([0, 2, 9]), this.#random.below(256), end)];
      default:
        return [this.ofConnection(id)];
    }
  }

  /** @param id of a stream, for what should have none */
  ofConnection(id: number): Buffer {
    switch (this.#random.below(5)) {
      case 0:
        return this.#settings();
      case 1:
        return windowUpdate(0, this.odd() ? this.one([0, 2 ** 31 - 1]) : 100);
      case 2:
        return frame(0x20 + this.#random.below(200), this.#random.below(256), id, "whatever");
      case 3:
        if (!this.odd()) return ping();
        return this.one([ping("1234567"), ping("12345678", true), frame(TYPE.PING, 0, id, "12345678")]);
      default:
        if (!this.odd()) return ping();
        return this.one([goaway(0), continuation(id, block(["x-a", "v"])), pushPromise(id, 2, get())]);
    }
  }

  #settings(): Buffer {
    if (!this.odd()) {
      return settings([this.one([SETTING.INITIAL_WINDOW_SIZE, SETTING.HEADER_TABLE_SIZE]), this.one([0, 1, 70_000])]);
    }
    return this.one([
      settingsAck(),
      settings([SETTING.ENABLE_PUSH, 2]),
      settings([SETTING.MAX_FRAME_SIZE, 1]),
      settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31]),
      settings([0x77, 1]),
      frame(TYPE.SETTINGS, 0, 0, "12345"),
      frame(TYPE.SETTINGS, 1, 0, "123456"),
      frame(TYPE.SETTINGS, 0, 1),
    ]);
  }
}
