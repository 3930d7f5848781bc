/** Headers as undici hands them out: names in lower case, an array where a name came more than once. */
export type WireHeaders = Readonly<Record<string, string | string[] | undefined>>;

type Changes = "append" | "set" | "delete";
// These are methods of the prototype; the declarations call them fields, which a class may not override.
const NativeHeaders = Headers as unknown as new () => Omit<Headers, Changes> & {
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  delete(name: string): void;
};

/** A native `Headers` with what came over the wire, which nobody can change: as those of a fetched response. */
export class ReceivedHeaders extends NativeHeaders {
  constructor(received: WireHeaders) {
    super();
    for (const [name, value] of Object.entries(received)) {
      if (typeof value === "string") super.append(name, value);
      else if (value !== undefined) for (const each of value) super.append(name, each);
    }
  }

  override append(): never {
    throw new TypeError("immutable");
  }

  override set(): never {
    throw new TypeError("immutable");
  }

  override delete(): never {
    throw new TypeError("immutable");
  }
}

// Seen from outside it is a Headers.
Object.defineProperty(ReceivedHeaders.prototype, "constructor", { value: Headers, writable: true, configurable: true });
