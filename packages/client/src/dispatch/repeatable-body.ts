import { ReplayBody } from "./replay-body.ts";

/** A body that undici writes in one go, or encodes anew for each request. */
export function isAtOnce(body: unknown): boolean {
  return body === null || body === undefined || typeof body !== "object" || !isIterable(body) || isFormData(body);
}

/** A body that comes bit by bit, kept as it is sent, so that it can be sent again; undefined: it needs none of that. */
export function repeatableBody(body: unknown, maxBytes: number): ReplayBody | undefined {
  if (isAtOnce(body)) return undefined;
  // isAtOnce says that it is an object with an iterator.
  return new ReplayBody(body as AsyncIterable<Uint8Array>, maxBytes);
}

function isIterable(body: object): boolean {
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return false;
  return Symbol.asyncIterator in body || Symbol.iterator in body;
}

function isFormData(body: object): boolean {
  return Symbol.toStringTag in body && body[Symbol.toStringTag] === "FormData";
}
