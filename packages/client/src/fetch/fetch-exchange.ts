import type { Dispatcher } from "../undici.ts";
import type { FastRequest } from "./fast-request.ts";
import { HandOver } from "./hand-over.ts";
import { nextTurn, type Turn } from "./next-turn.ts";
import { type BodySource, ReceivedBody } from "./received-body.ts";
import type { WireHeaders } from "./received-headers.ts";
import { ReceivedResponse, type ResponseHead } from "./received-response.ts";
import { needsFetch } from "./rare-responses.ts";
import { watchUnread } from "./unread-bodies.ts";

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

export interface FetchExchangePorts {
  readonly dispatcher: Dispatcher;
  readonly builtinFetch: typeof fetch;
}

/**
 * One request of the fast path, from undici's events to the caller's `Response`.
 *
 * The response is built when the body has ended, or one turn after its head, whichever is sooner: most bodies come with
 * their head. A head that needs more of fetch (a redirect, an encoded body) makes the built-in fetch take over.
 */
export class FetchExchange implements Handler, BodySource, Turn {
  readonly #request: FastRequest;
  readonly #ports: FetchExchangePorts;
  readonly #resolve: (response: Response | Promise<Response>) => void;
  readonly #reject: (reason: unknown) => void;
  #controller: Controller | undefined = undefined;
  #context: unknown = undefined;
  #head: ResponseHead | undefined = undefined;
  #body: ReceivedBody | undefined = undefined;
  #answered = false;
  #aborted = false;
  /** The handler of the built-in fetch, after it took over. */
  #heir: Handler | undefined = undefined;

  constructor(
    request: FastRequest,
    ports: FetchExchangePorts,
    resolve: (response: Response | Promise<Response>) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#ports = ports;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { signal, origin, path, method, headers, body } = this.#request;
    // The exchange is an event listener itself: see handleEvent.
    signal?.addEventListener("abort", this, { once: true });
    try {
      this.#ports.dispatcher.dispatch({ origin, path, method, headers, body }, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  // From the signal.

  handleEvent(): void {
    const reason: unknown = this.#request.signal?.reason;
    this.#aborted = true;
    this.#answered = true;
    this.#reject(reason); // does nothing when the caller has the response already
    const arriving = this.#body?.complete !== true;
    // Before the dispatcher hears of it, which fails the exchange in the same tick and would fail the body otherwise.
    // The built-in fetch takes a reason such as 0 for none, where it has a body to fail.
    this.#body?.fail(reason || aborted());
    if (arriving) this.#abort(reason);
  }

  // From undici.

  /** May come twice: undici sends again, by itself, what an HTTP/2 endpoint refused to look at. */
  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = controller;
    this.#context = context;
    if (this.#aborted) this.#abort(this.#request.signal?.reason);
  }

  onResponseStart(controller: Controller, status: number, headers: WireHeaders, statusText = ""): void {
    if (status < 200 || this.#aborted) return;
    const { method, url } = this.#request;
    const bodiless = method === "HEAD" || status === 204 || status === 205 || status === 304;
    if (needsFetch(status, headers, statusText, bodiless)) {
      this.#handOver(controller, status, headers, statusText);
      return;
    }
    this.#head = { status, statusText, headers, url };
    if (bodiless) {
      this.#answer(this.#head);
      this.settled();
      return;
    }
    this.#body = new ReceivedBody(this);
    nextTurn(this);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#heir === undefined) this.#body?.push(chunk);
    else this.#heir.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: Parameters<NonNullable<Handler["onResponseEnd"]>>[1]): void {
    if (this.#heir !== undefined) {
      this.#heir.onResponseEnd?.(controller, trailers);
      return;
    }
    this.#body?.end();
    this.turned();
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.#heir === undefined) this.#fail(error);
    else this.#heir.onResponseError?.(controller, error);
  }

  // From the end of the turn.

  turned(): void {
    if (this.#head !== undefined) this.#answer(this.#head);
  }

  // From the body.

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  cancelled(reason: unknown): void {
    this.#abort(reason ?? aborted());
  }

  settled(): void {
    this.#request.signal?.removeEventListener("abort", this);
  }

  #answer(head: ResponseHead): void {
    if (this.#answered) return;
    this.#answered = true;
    const body = this.#body;
    const response = new ReceivedResponse(body === undefined ? null : body.stream, head);
    // Nothing waits for a body that is complete, unless a signal that may live long.
    if (body !== undefined && (!body.complete || this.#request.signal !== undefined)) watchUnread(response);
    this.#resolve(response);
  }

  #fail(error: unknown): void {
    if (this.#head === undefined) {
      this.settled();
      this.#answered = true;
      this.#reject(new TypeError("fetch failed", { cause: error }));
      return;
    }
    this.#body?.fail(new TypeError("terminated", { cause: error }));
    this.#answer(this.#head);
  }

  #abort(reason: unknown): void {
    // Whatever a signal was aborted with: undici passes it on and looks at nothing in it, and so does fetch.
    this.#controller?.abort(reason as Error);
  }

  #handOver(controller: Controller, status: number, headers: WireHeaders, statusText: string): void {
    const { dispatcher, builtinFetch } = this.#ports;
    const { url, method, headers: sent, ownHeaders, body, signal } = this.#request;
    this.settled();
    this.#answered = true;
    const heir = new HandOver(dispatcher, (handler) => {
      this.#heir = handler;
      handler.onRequestStart?.(controller, this.#context);
      // undici's own type of the headers forgets that a name may be absent.
      handler.onResponseStart?.(controller, status, headers as Record<string, string | string[]>, statusText);
    });
    const own = Object.entries(sent).slice(0, ownHeaders);
    const answer = builtinFetch(url, { method, headers: own, body, signal: signal ?? null, dispatcher: heir });
    if (!heir.adopted) this.#abort(new Error("the built-in fetch did not take over at once"));
    this.#resolve(answer);
  }
}

function aborted(): DOMException {
  return new DOMException("The operation was aborted.", "AbortError");
}
