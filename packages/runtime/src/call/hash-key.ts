import type { HashOn, MintedCookie, ServicePolicy } from "@weft/config";
import { crc32, type HashFunction, type Random, TextBytes, Word64, xxh64 } from "@weft/core";
import { cookieValue, newCookie } from "./cookie.ts";

/** What of a request can be hashed. Texts are as on the wire: a character for each byte. */
export interface HashedRequest {
  /** With its query. */
  readonly path: string;
  /** The caller's, without the port; "" when there is none. */
  readonly address: string;
  /** The values of a header, line by line; none is an empty list. @param name in lower case */
  values(name: string): readonly string[];
  /** The caller has not got the cookie that its calls are hashed by: the answer is to bring it, as this `Set-Cookie`. */
  setCookie(line: string): void;
}

/**
 * Makes what a balancer goes by of each call.
 *
 *   hash = rotate the hash so far left by one, xor the hash of the next       over all that the call has of `on`
 *
 * Stops behind a `terminal` one when there is a hash by then. Values are hashed as Envoy does, so that both send a key
 * to one endpoint; of several lines of a header the order does not count.
 * Source: Envoy source/common/http/hash_policy.cc; gRPC A42; reference 2.1.
 */
export class HashKeys {
  readonly #on: readonly HashOn[];
  readonly #hash: HashFunction;
  readonly #random: Random;
  readonly #text = new TextBytes();
  readonly #part = new Word64();

  /** @param random of the cookies that callers are given */
  constructor(on: readonly HashOn[], hash: HashFunction, random: Random) {
    this.#on = on;
    this.#hash = hash;
    this.#random = random;
  }

  /** @returns undefined when the call has nothing of what is hashed */
  of(request: HashedRequest): Word64 | undefined {
    const part = this.#part;
    let key: Word64 | undefined;
    for (const on of this.#on) {
      if (this.#read(on, request)) {
        if (key === undefined) key = new Word64(part.high, part.low);
        else {
          key.rotateLeft(1);
          key.xor(part.high, part.low);
        }
      }
      if (on.terminal && key !== undefined) break;
    }
    return key;
  }

  /** Leaves the hash of it in `#part`. @returns false when the call has no such thing */
  #read(on: HashOn, request: HashedRequest): boolean {
    switch (on.kind) {
      case "header":
        return this.#lines(request.values(on.name));
      case "cookie":
        return this.#cookie(on.name, on.mint, request);
      case "query":
        return this.#value(queryValue(request.path, on.name));
      case "path":
        return this.#value(withoutQuery(request.path));
      case "source-address":
        return this.#value(request.address || undefined);
      default:
        return on satisfies never;
    }
  }

  #cookie(name: string, mint: MintedCookie | undefined, request: HashedRequest): boolean {
    const known = cookieValue(request.values("cookie"), name);
    if (known !== "") return this.#value(known);
    if (mint === undefined) return false;
    const { value, line } = newCookie(name, mint, this.#random);
    request.setCookie(line);
    return this.#value(value);
  }

  #value(value: string | undefined): boolean {
    if (value === undefined) return false;
    this.#part.set(0, 0);
    this.#mix(value);
    return true;
  }

  #lines(values: readonly string[]): boolean {
    if (values.length < 2) return this.#value(values[0]);
    this.#part.set(0, 0);
    for (const value of values.toSorted()) this.#mix(value);
    return true;
  }

  /** With the hash so far as the seed. */
  #mix(value: string): void {
    this.#text.latin1(value);
    this.#hash(this.#text.bytes, this.#text.length, this.#part);
  }
}

/** Undefined: nothing of a call is hashed for this policy. */
export function hashKeysOf({ balancer, hashing }: ServicePolicy, random: Random): HashKeys | undefined {
  return hashing.on.length === 0 ? undefined : new HashKeys(hashing.on, keyHash(balancer), random);
}

/** What keys are hashed with: nginx's rings know another function than all others. */
function keyHash(balancer: ServicePolicy["balancer"]): HashFunction {
  return balancer === "ketama" ? crc32 : xxh64;
}

function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}

/** The first parameter of that name, as it is written; undefined when there is none. */
function queryValue(path: string, name: string): string | undefined {
  let at = path.indexOf("?");
  while (at >= 0) {
    const start = at + 1;
    at = path.indexOf("&", start);
    const end = at < 0 ? path.length : at;
    if (!path.startsWith(name, start)) continue;
    const behind = start + name.length;
    if (behind === end) return "";
    if (path[behind] === "=") return path.slice(behind + 1, end);
  }
  return undefined;
}
