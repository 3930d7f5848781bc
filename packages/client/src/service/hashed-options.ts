import type { HashedRequest } from "@weft/runtime";
import { headerOf } from "../dispatch/request-headers.ts";
import type { Dispatcher } from "../undici.ts";

/** A request of the application as a balancer that hashes sees it: it comes from nowhere else. */
export class HashedOptions implements HashedRequest {
  readonly address = "";
  readonly path: string;
  readonly #headers: Dispatcher.DispatchOptions["headers"];

  constructor({ path, headers }: Pick<Dispatcher.DispatchOptions, "path" | "headers">) {
    this.path = path;
    this.#headers = headers;
  }

  values(name: string): readonly string[] {
    const value = headerOf(this.#headers, name);
    return value === undefined ? [] : [value];
  }

  /** The application keeps no cookies: who has none is not given one, and the policy's check says so. */
  setCookie(): void {}
}
