/** What a handler answers. A string is sent as text, bytes as they are, a value as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?:
    | { readonly kind: "json"; readonly value: unknown }
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly type: string };
}

/** An answer that ends a request early, with Consul's status and text. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}

/** What a server sends with an error of its own, as opposed to one of the agent's. */
export const NO_LEADER: Readonly<Record<string, string>> = {
  "X-Consul-Index": "1",
  "X-Consul-KnownLeader": "false",
  "X-Consul-LastContact": "0",
};

/** 200 with nothing in it: what every change through the agent answers. */
export const DONE: Reply = { status: 200 };

/** 200 with a JSON value. */
export function json(value: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return { status: 200, body: { kind: "json", value }, ...(headers ? { headers } : {}) };
}

/** Bytes of a value as Consul's dev mode prints it: four spaces, a line feed at the end. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 4)}\n`);
}
