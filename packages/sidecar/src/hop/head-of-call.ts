import type { RequestHead } from "@weft/http";

/** What a rule or a balancer looks at in a request's head: also what the parser keeps apart from the fields. */
export class HeadOfCall {
  readonly #head: RequestHead;

  constructor(head: RequestHead) {
    this.#head = head;
  }

  get method(): string {
    return this.#head.method;
  }

  get path(): string {
    return this.#head.target;
  }

  /** Also of those lines that the parser keeps apart from the fields, but for what is about the connection. */
  header(name: string): string | undefined {
    const head = this.#head;
    switch (name) {
      case "host":
        return head.authority;
      case "upgrade":
        return head.upgrade || undefined;
      case "traceparent":
        return head.traceparent || undefined;
      case "x-request-deadline-ms":
        return head.deadline || undefined;
      case "grpc-timeout":
        return head.grpcTimeout || undefined;
      case "content-length":
        return head.contentLength < 0 ? undefined : String(head.contentLength);
      case "expect":
        return head.expectContinue ? "100-continue" : undefined;
      default:
        return head.get(name);
    }
  }

  /** The same, line by line. */
  values(name: string): readonly string[] {
    const lines = this.#head.all(name);
    const apart = lines.length === 0 ? this.header(name) : undefined;
    return apart === undefined ? lines : [apart];
  }
}
