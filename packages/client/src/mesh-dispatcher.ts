import type { Handler } from "./dispatch/exchange.ts";
import type { CallOptions } from "./service/call-options.ts";
import type { ServiceClient } from "./service/service-client.ts";
import { callOptionsMistake } from "./check-options.ts";
import { Dispatcher, wrapLegacyHandler } from "./undici.ts";

/** Whom an origin means. */
export type Destination =
  | { readonly kind: "service"; readonly service: ServiceClient; readonly secure: boolean }
  /** Not of the mesh: sent on as it is. */
  | { readonly kind: "outside" }
  /** Meant for the mesh, which does not know it. */
  | { readonly kind: "unknown"; readonly error: Error };

export interface MeshDispatcherPorts {
  readonly destinationOf: (origin: string | URL | undefined) => Destination;
  /** Takes what is not of the mesh. */
  readonly outside: Dispatcher;
  readonly close: (options?: { readonly drainMs?: number }) => Promise<void>;
}

/**
 * undici's dispatcher over a mesh: `request`, `stream`, `pipeline`, `connect` and `upgrade` come with it, `fetch` takes
 * it as `dispatcher`, and it can be the global one. Calls to services of the mesh are balanced; all others go out as
 * they would without it.
 *
 * Handlers of undici 6 and 7, and of the fetch built into Node 22 and 24, are understood as well.
 */
export class MeshDispatcher extends Dispatcher {
  readonly #ports: MeshDispatcherPorts;
  readonly #own: CallOptions | undefined;

  constructor(ports: MeshDispatcherPorts, own?: CallOptions) {
    super();
    this.#ports = ports;
    this.#own = own;
  }

  /**
   * The same dispatcher with options for each call made through it. Costs one small object.
   *
   * @throws MeshError BAD_CONFIG for options that are none
   */
  with(own: CallOptions): MeshDispatcher {
    const mistake = callOptionsMistake(own);
    if (mistake !== undefined) throw mistake;
    return new MeshDispatcher(this.#ports, { ...this.#own, ...own });
  }

  override dispatch(asked: Dispatcher.DispatchOptions, given: Handler): boolean {
    // What is no request, or no handler for it, undici refuses in its own words.
    if (!isRequest(asked) || !canHear(given, asked)) return this.#ports.outside.dispatch(asked, given);
    const options = "dispatcher" in asked ? withoutDispatcher(asked) : asked;
    // A handler of undici's first shape has onConnect instead; the built-in fetch would wait for ever on ours.
    const handler: Handler = typeof given.onRequestStart === "function" ? given : wrapLegacyHandler(given);
    const destination = this.#ports.destinationOf(options.origin);
    switch (destination.kind) {
      case "service": {
        const own = this.#optionsOf(options);
        const mistake = own === undefined || own === this.#own ? undefined : callOptionsMistake(own);
        if (mistake !== undefined) return refuse(handler, mistake);
        destination.service.dispatch(options, handler, destination.secure, own);
        return true;
      }
      case "outside":
        return this.#ports.outside.dispatch(options, handler);
      case "unknown":
        return refuse(handler, destination.error);
      default:
        return destination satisfies never;
    }
  }

  // undici's signatures: with a callback, or as a promise.
  override close(callback?: () => void): Promise<void> & void {
    return told(this.#ports.close(), callback);
  }

  override destroy(...given: unknown[]): Promise<void> & void {
    const callback = given.find((argument) => typeof argument === "function");
    return told(this.#ports.close({ drainMs: 0 }), callback as (() => void) | undefined);
  }

  #optionsOf(options: Dispatcher.DispatchOptions): CallOptions | undefined {
    // `undici.request(url, { mesh })` hands unknown options down as they came.
    const own = "mesh" in options ? (options.mesh as CallOptions) : undefined;
    if (own === undefined) return this.#own;
    return this.#own === undefined ? own : { ...this.#own, ...own };
  }
}

function isRequest(asked: unknown): asked is Dispatcher.DispatchOptions {
  return typeof asked === "object" && asked !== null;
}

/** Whether it has what a handler must have. One of undici's first shape has onConnect, and is judged by undici. */
function canHear(given: unknown, { upgrade, method }: Dispatcher.DispatchOptions): boolean {
  if (typeof given !== "object" || given === null) return false;
  // Each of its methods is looked at.
  const handler = given as { readonly [Name in keyof Handler | "onConnect"]?: unknown };
  if (typeof handler.onRequestStart !== "function") return typeof handler.onConnect === "function";
  if (typeof handler.onResponseError !== "function") return false;
  if (upgrade || method === "CONNECT") return typeof handler.onRequestUpgrade === "function";
  return (
    typeof handler.onResponseStart === "function" &&
    typeof handler.onResponseData === "function" &&
    typeof handler.onResponseEnd === "function"
  );
}

function told(closed: Promise<void>, callback: (() => void) | undefined): Promise<void> & void {
  if (callback === undefined) return closed as Promise<void> & void; // of the two, this is the promise
  void closed.then(callback);
  return undefined as never;
}

/** undici 6 and 7 leave the caller's `dispatcher` among the options of the request; undici 8 refuses it there. */
function withoutDispatcher(options: Dispatcher.DispatchOptions & { dispatcher: unknown }): Dispatcher.DispatchOptions {
  const { dispatcher: _, ...rest } = options;
  return rest;
}

function refuse(handler: Handler, error: Error): false {
  if (handler.onResponseError === undefined) throw error;
  // undici gives a handler of a request that never started no controller either; its types do not say so.
  handler.onResponseError(null as never, error);
  return false;
}
