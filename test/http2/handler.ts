import type { BodySink, BodySource, CallerExchange } from "@weft/http";
import { bytesOf, Fields } from "@weft/http";

/** A body of so many bytes, "x" each, made as its reader takes it. */
class Pattern implements BodySource {
  readonly length: number;
  readonly chunked = false;
  readonly room = 0;
  cancelled = false;
  readonly #trailers: Fields;
  #left: number;
  #sink: BodySink | undefined = undefined;
  #writing = false;

  /** @param trailers flat: a name, its value, ... */
  constructor(length: number, trailers: readonly string[] = []) {
    this.length = trailers.length === 0 ? length : -1;
    this.#left = length;
    this.#trailers = Fields.ofList([...trailers]);
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
    this.#write(sink);
  }

  resume(): void {
    if (this.#sink !== undefined && !this.#writing) this.#write(this.#sink);
  }

  cancel(): void {
    this.cancelled = true;
    this.#sink = undefined;
  }

  #write(sink: BodySink): void {
    this.#writing = true;
    let room = true;
    while (room && this.#left > 0 && !this.cancelled) {
      const count = Math.min(this.#left, 16 * 1024);
      this.#left -= count;
      room = sink.write(Buffer.alloc(count, "x"));
    }
    this.#writing = false;
    if (!room || this.cancelled) return;
    this.#sink = undefined;
    sink.end(this.#trailers);
  }
}

/**
 * What the servers under test do, by path:
 *
 *   /ok        200 and "ok"                       /status/N   N, without a body
 *   /echo      200 and the body, once it is here  /bytes/N    200 and N bytes
 *   /show      200, and the head as it was read   /trailers   200, a body and a trailer
 *   /hold      nothing, and the body stays unread /cut        breaks it off
 *   /swallow   nothing, and the body is read      /early      103, then 200
 */
export function answer(exchange: CallerExchange): void {
  const { head } = exchange;
  const [, word = "", number = ""] = head.target.split("/");
  switch (word) {
    case "hold":
      return;
    case "swallow":
      return read(exchange, () => {});
    case "echo":
      return read(exchange, (text) => say(exchange, 200, text));
    case "show":
      return say(exchange, 200, shown(exchange));
    case "status":
      return exchange.respond(Number(number), "", Fields.ofList([]), "", Number(number) === 204 ? -1 : 0);
    case "bytes":
      return exchange.stream(200, "", Fields.ofList([]), new Pattern(Number(number)));
    case "trailers":
      return exchange.stream(200, "", Fields.ofList([]), new Pattern(5, ["x-sum", "5"]));
    case "cut":
      return exchange.cut();
    case "early":
      exchange.inform(103, "", Fields.ofList(["link", "</a>"]));
      return say(exchange, 200, "ok");
    default:
      return say(exchange, 200, "ok");
  }
}

function say(exchange: CallerExchange, status: number, text: string): void {
  exchange.respond(status, "", Fields.ofList([]), exchange.head.method === "HEAD" ? "" : text, text.length);
}

function shown({ head }: CallerExchange): string {
  const lines = [...head.entries()].map(([name, value]) => `${name}: ${value}`);
  return [`${head.method} ${head.target} ${head.authority} ${head.scheme}`, ...lines].join("\n");
}

function read(exchange: CallerExchange, then: (text: string) => void): void {
  let text = exchange.whole === undefined ? "" : bytesOf(exchange.whole).toString("latin1");
  if (exchange.body === undefined) return then(text);
  exchange.body.attach({
    takesChunks: false,
    keeps: false,
    write(bytes) {
      text += bytes.toString("latin1");
      return true;
    },
    end: (trailers) => then([text, ...trailers.entries()].join("\n")),
    fail: () => {},
  });
}
