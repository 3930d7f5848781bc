/** A field of a block to be written: both are latin1, and are checked by nobody. */
export type Pair = readonly [name: string, value: string];

/** A block of plain literals, without indexing and without Huffman. Source: RFC 7541 6.2.2. */
export function block(...pairs: readonly Pair[]): Buffer {
  return Buffer.concat(pairs.map(([name, value]) => literal(name, value)));
}

/** One field as a literal. @param first 0x00 without indexing, 0x10 never indexed, 0x40 put into the table */
export function literal(name: string, value: string, first = 0x00): Buffer {
  return Buffer.concat([Buffer.of(first), text(name), text(value)]);
}

/** A string literal without Huffman. */
export function text(value: string): Buffer {
  return Buffer.concat([integer(value.length, 7, 0), Buffer.from(value, "latin1")]);
}

/** An integer behind the bits of `first`. Source: RFC 7541 5.1. @param bits how many the prefix leaves, 1 to 8 */
export function integer(value: number, bits: number, first: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.of(first | value);
  const bytes = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Change of the table's size. Source: RFC 7541 6.3. */
export function tableSize(bytes: number): Buffer {
  return integer(bytes, 5, 0x20);
}

/** A request's block. @param more fields behind the pseudo-headers */
export function request(method: string, path: string, ...more: readonly Pair[]): Buffer {
  return block([":method", method], [":scheme", "http"], [":authority", "a"], [":path", path], ...more);
}

export function get(path = "/ok", ...more: readonly Pair[]): Buffer {
  return request("GET", path, ...more);
}

export function post(path = "/hold", ...more: readonly Pair[]): Buffer {
  return request("POST", path, ...more);
}

/** A response's block. */
export function status(code: number | string, ...more: readonly Pair[]): Buffer {
  return block([":status", String(code)], ...more);
}
