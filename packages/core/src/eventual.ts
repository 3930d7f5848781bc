type Handler = (value: never) => unknown;

/** Who is told how something ended. */
export interface Settled<Value> {
  kept(value: Value): void;
  broken(error: unknown): void;
}

/**
 * Tells the listener when the promise settles: what `then` does with two functions, without making them, nor a promise
 * of what they return. In the tick in which it settles, where the promise is an `Eventual`.
 *
 * @param listener must not throw
 */
export function tell<Value>(source: PromiseLike<Value>, listener: Settled<Value>): void {
  if (source instanceof Eventual) source.tell(listener);
  else
    source.then(
      (value) => listener.kept(value),
      (error: unknown) => listener.broken(error),
    );
}

/**
 * A promise that tells those who wait in the tick in which it settles, and not in one after it.
 *
 * On the path of a call most answers are settled by a callback of the transport, and all that follows is bookkeeping.
 * A native promise would put each step of it into a microtask of its own. Follows the rules of `then` otherwise:
 * handlers run once, what they return or throw settles what `then` returned, a promise returned is waited for. It can
 * be awaited.
 *
 * A rejection that nobody handles is not reported: for where somebody always does.
 */
export class Eventual<Value> implements PromiseLike<Value> {
  #state: "waiting" | "adopting" | "kept" | "broken" = "waiting";
  #value: unknown = undefined;
  #waiting: Settled<never>[] | Settled<never> | undefined = undefined;

  /** Settles with the value, or as the promise given does. Only the first time counts. */
  resolve(value: Value | PromiseLike<Value>): void {
    if (this.#state !== "waiting") return;
    if (isPromiseLike(value)) {
      this.#state = "adopting";
      value.then(
        (inner) => this.#settle("kept", inner),
        (error: unknown) => this.#settle("broken", error),
      );
    } else this.#settle("kept", value);
  }

  /** Only the first time counts. */
  reject(error: unknown): void {
    if (this.#state === "waiting") this.#settle("broken", error);
  }

  then<Kept = Value, Broken = never>(
    onKept?: ((value: Value) => Kept | PromiseLike<Kept>) | null,
    onBroken?: ((error: unknown) => Broken | PromiseLike<Broken>) | null,
  ): Eventual<Kept | Broken> {
    const reaction = new Reaction(onKept ?? undefined, onBroken ?? undefined);
    this.tell(reaction);
    // What it settles with is what the two handlers return.
    return reaction as Eventual<unknown> as Eventual<Kept | Broken>;
  }

  /** As the function `tell`. */
  tell(listener: Settled<Value>): void {
    if (this.#state === "kept" || this.#state === "broken") inform(listener, this.#state, this.#value);
    else if (this.#waiting === undefined) this.#waiting = listener;
    else if (Array.isArray(this.#waiting)) this.#waiting.push(listener);
    else this.#waiting = [this.#waiting, listener];
  }

  #settle(state: "kept" | "broken", value: unknown): void {
    this.#state = state;
    this.#value = value;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (Array.isArray(waiting)) for (const listener of waiting) inform(listener, state, value);
    else inform(waiting, state, value);
  }
}

/** @param value what the promise was kept with, which is of the listener's type: it was put on this very promise */
function inform(listener: Settled<never>, state: "kept" | "broken", value: unknown): void {
  if (state === "kept") listener.kept(value as never);
  else listener.broken(value);
}

/** What `then` returns: it waits for one settlement, runs one of two handlers, and settles by what comes of it. */
class Reaction extends Eventual<unknown> implements Settled<unknown> {
  readonly #onKept: Handler | undefined;
  readonly #onBroken: Handler | undefined;

  constructor(onKept: Handler | undefined, onBroken: Handler | undefined) {
    super();
    this.#onKept = onKept;
    this.#onBroken = onBroken;
  }

  kept(value: unknown): void {
    if (this.#onKept === undefined) this.resolve(value);
    else this.#settleBy(this.#onKept, value);
  }

  broken(error: unknown): void {
    if (this.#onBroken === undefined) this.reject(error);
    else this.#settleBy(this.#onBroken, error);
  }

  #settleBy(handler: Handler, value: unknown): void {
    try {
      this.resolve(handler(value as never));
    } catch (error) {
      this.reject(error);
    }
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<never> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
