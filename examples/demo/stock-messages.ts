/*
 * The messages of the gRPC service stock, by hand, so that the demo needs neither a compiler of .proto files nor what
 * that makes. In that language:
 *
 *   package weft.demo;
 *   message CountRequest { uint32 item = 1; }
 *   message CountReply { string from = 1; }
 *   service Stock { rpc Count(CountRequest) returns (CountReply); }
 */
const NUMBER_1 = 0x08;
const TEXT_1 = 0x0a;
const MORE = 0x80;

export const COUNT_PATH = "/weft.demo.Stock/Count";

export function encodeItem(item: number): Buffer {
  const bytes = [NUMBER_1];
  for (let rest = item; ; rest = Math.floor(rest / MORE)) {
    bytes.push(rest < MORE ? rest : MORE | (rest % MORE));
    if (rest < MORE) return Buffer.from(bytes);
  }
}

export function decodeItem(message: Buffer): number {
  return message.subarray(1).reduceRight((sum, byte) => sum * MORE + (byte & 0x7f), 0);
}

/** @param from shorter than 128 bytes */
export function encodeFrom(from: string): Buffer {
  return Buffer.concat([Buffer.from([TEXT_1, Buffer.byteLength(from)]), Buffer.from(from)]);
}

export function decodeFrom(message: Buffer): string {
  return message.toString("utf8", 2);
}
