type Handler = (value: never) => unknown;

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
  #waiting: Reaction[] | Reaction | undefined = undefined;

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
    if (this.#state === "kept" || this.#state === "broken") reaction.react(this.#state, this.#value);
    else if (this.#waiting === undefined) this.#waiting = reaction;
    else if (Array.isArray(this.#waiting)) this.#waiting.push(reaction);
    else this.#waiting = [this.#waiting, reaction];
    // What it settles with is what the two handlers return.
    return reaction as Eventual<unknown> as Eventual<Kept | Broken>;
  }

  #settle(state: "kept" | "broken", value: unknown): void {
    this.#state = state;
    this.#value = value;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (Array.isArray(waiting)) for (const reaction of waiting) reaction.react(state, value);
    else waiting.react(state, value);
  }
}

/** What `then` returns: it waits for one settlement, runs one of two handlers, and settles by what comes of it. */
class Reaction extends Eventual<unknown> {
  readonly #onKept: Handler | undefined;
  readonly #onBroken: Handler | undefined;

  constructor(onKept: Handler | undefined, onBroken: Handler | undefined) {
    super();
    this.#onKept = onKept;
    this.#onBroken = onBroken;
  }

  react(state: "kept" | "broken", value: unknown): void {
    const handler = state === "kept" ? this.#onKept : this.#onBroken;
    if (handler === undefined) {
      if (state === "kept") this.resolve(value);
      else this.reject(value);
      return;
    }
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
