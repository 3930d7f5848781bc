/** What a route answers. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(value: unknown, status = 200): Reply {
  return { status, type: "application/json", body: `${JSON.stringify(value, undefined, 2)}\n` };
}

/** The same without space for people, for answers that are large and asked for often. */
export function dense(value: unknown): Reply {
  return { status: 200, type: "application/json", body: JSON.stringify(value) };
}

export function text(body: string): Reply {
  return { status: 200, type: "text/plain; charset=utf-8", body };
}

/** A refusal as RFC 9457 has it, thrown by whoever finds the reason. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail in plain words: what is wrong, and what would be right */
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }

  get reply(): Reply {
    const { status, headers, message } = this;
    const body = { type: "about:blank", title: TITLES[status] ?? "Error", status, detail: message };
    return { ...json(body, status), type: "application/problem+json", headers };
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  421: "Misdirected Request",
  500: "Internal Server Error",
};
