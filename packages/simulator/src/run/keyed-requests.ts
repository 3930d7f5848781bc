import type { ServicePolicy } from "@weft/config";
import type { HashedRequest } from "@weft/runtime";

/**
 * The requests of a scenario's keys, as a policy that hashes looks at them: whatever it looks at has the key.
 *
 * Made once for each key, on its first call.
 */
export class KeyedRequests {
  readonly #made: HashedRequest[] = [];
  readonly #cookies: readonly string[];
  readonly #queries: readonly string[];

  constructor({ hashing }: ServicePolicy) {
    this.#cookies = hashing.on.flatMap((on) => (on.kind === "cookie" ? [on.name] : []));
    this.#queries = hashing.on.flatMap((on) => (on.kind === "query" ? [on.name] : []));
  }

  /** @param key from 0 */
  of(key: number): HashedRequest {
    return (this.#made[key] ??= this.#make(`key-${key}`));
  }

  #make(value: string): HashedRequest {
    const given = (names: readonly string[], between: string): string =>
      names.map((name) => `${name}=${value}`).join(between);
    const cookie = given(this.#cookies, "; ");
    return {
      path: `/${value}?${given(this.#queries, "&")}`,
      address: value,
      values: (name) => [name === "cookie" ? cookie : value],
      setCookie() {},
    };
  }
}
