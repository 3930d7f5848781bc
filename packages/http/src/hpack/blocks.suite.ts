import { type FieldName, fieldName, type FieldSink } from "./field-name.ts";
import type { HpackDecoder } from "./hpack-decoder.ts";
import type { HpackEncoder } from "./hpack-encoder.ts";

/** Name, value, and whether it is never indexed. */
export type Field = readonly [name: string, value: string, neverIndexed?: boolean];

/** Bytes from hex digits, with blanks where they help to read. */
export function hexBytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
}

/** The fields of a block. @throws Error with the problem */
export function decodeBlock(decoder: HpackDecoder, block: Buffer): readonly Field[] {
  const { fields, problem } = tryBlock(decoder, block);
  if (problem !== undefined) throw new Error(problem);
  return fields;
}

/** The same of a block that may be wrong. */
export function tryBlock(decoder: HpackDecoder, block: Buffer): { fields: readonly Field[]; problem?: string } {
  const fields: Field[] = [];
  const sink: FieldSink = {
    field(name: FieldName, value: string, neverIndexed: boolean): void {
      fields.push(neverIndexed ? [name.text, value, true] : [name.text, value]);
    },
  };
  const problem = decoder.decode(block, 0, block.length, sink);
  return problem === undefined ? { fields } : { fields, problem };
}

const into = Buffer.alloc(64 * 1024);

/** A block with these fields. */
export function encodeBlock(encoder: HpackEncoder, fields: readonly Field[]): Buffer {
  encoder.begin(into, 0);
  for (const [name, value, neverIndexed] of fields) encoder.field(fieldName(name), value, neverIndexed);
  return Buffer.from(into.subarray(0, encoder.end()));
}

/** The entries of a decoder's table, the newest first: each is asked for by its index. */
export function tableOf(decoder: HpackDecoder): readonly Field[] {
  const entries: Field[] = [];
  for (let index = 62; index < 255; index++) {
    const block = index < 127 ? [0x80 | index] : [0xff, index - 127];
    const { fields, problem } = tryBlock(decoder, Buffer.from(block));
    if (problem !== undefined) break;
    entries.push(...fields);
  }
  return entries;
}
