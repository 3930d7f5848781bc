import { createRequire } from "node:module";
import { endToEnd, type FieldList, type Message, type Reading, type Stream } from "./message.ts";

/** The parser object inside Node, as far as it is used here. Not a public interface: it is looked at in tests only. */
interface NodeParser {
  [callback: number]: unknown;
  initialize(type: number, resource: object, maxHeaderSize: number, lenientFlags: number): void;
  execute(bytes: Buffer): number | (Error & { readonly code: string });
  finish(): undefined | number | (Error & { readonly code: string });
}

interface NodeParserClass {
  new (): NodeParser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kOnMessageBegin: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kLenientNone: number;
}

type HeadArguments = [
  major: number,
  minor: number,
  fields: readonly string[] | undefined,
  method: number | undefined,
  url: string | undefined,
  status: number | undefined,
  reason: string | undefined,
  upgrade: boolean,
  mayPersist: boolean,
];

// No types exist for it: this is its shape in Node 22 to 26, and the tests of the corpus would show another.
const { HTTPParser, methods } = createRequire(import.meta.url)("node:_http_common") as {
  readonly HTTPParser: NodeParserClass;
  readonly methods: readonly string[];
};

/** llhttp's number of QUERY; its other methods of HTTP are numbered as Node lists them. */
const QUERY = 46;

/** What Node's own parser makes of a stream, as strict as Node's server and client run it. */
export function readByLlhttp(stream: Stream): Reading {
  return READER.read(stream);
}

/** One parser for all streams, as Node keeps its own: making one costs more than reading with it. */
class Reader {
  readonly #parser = new HTTPParser();
  #stream: Stream = { kind: "request", text: "", answers: "GET" };
  #messages: Message[] = [];
  /** No message may follow. */
  #over = false;
  #headComplete = false;
  #fields: string[] = [];
  #trailers: string[] = [];
  #url = "";
  #start: readonly [string, string] = ["", ""];
  #minor = 1;
  #keepAlive = true;
  /** Another protocol follows. */
  #stops = false;
  #body = "";

  constructor() {
    const parser = this.#parser;
    parser[HTTPParser.kOnMessageBegin] = () => this.#begin();
    parser[HTTPParser.kOnHeaders] = (fields: readonly string[], url: string) => {
      (this.#headComplete ? this.#trailers : this.#fields).push(...fields);
      if (!this.#headComplete) this.#url += url;
    };
    parser[HTTPParser.kOnHeadersComplete] = (...args: HeadArguments) => this.#head(...args);
    parser[HTTPParser.kOnBody] = (bytes: Buffer) => {
      this.#body += bytes.toString("latin1");
    };
    parser[HTTPParser.kOnMessageComplete] = () => this.#complete();
  }

  read(stream: Stream): Reading {
    this.#stream = stream;
    this.#messages = [];
    this.#over = false;
    this.#begin();
    const type = stream.kind === "request" ? HTTPParser.REQUEST : HTTPParser.RESPONSE;
    this.#parser.initialize(type, {}, 0, HTTPParser.kLenientNone);
    const executed = this.#parser.execute(Buffer.from(stream.text, "latin1"));
    const refused = typeof executed !== "number" && !this.#over;
    if (!refused && !this.#over && stream.kind === "response" && this.#headComplete) this.#parser.finish();
    const end = this.#over ? "over" : refused ? executed.code : "more";
    return { messages: this.#messages, end, endAt: -1 };
  }

  #begin(): void {
    this.#headComplete = false;
    this.#fields = [];
    this.#trailers = [];
    this.#url = "";
    this.#body = "";
  }

  #head(...args: HeadArguments): number {
    const [, minor, fields, method, url, status, reason, upgrade, mayPersist] = args;
    this.#headComplete = true;
    this.#fields.push(...(fields ?? []));
    this.#url += url ?? "";
    this.#minor = minor;
    this.#keepAlive = mayPersist;
    if (this.#stream.kind === "request") {
      const name = method === QUERY ? "QUERY" : (methods[method ?? -1] ?? "?");
      this.#start = [name, normalTarget(name, this.#url)];
      this.#stops = upgrade;
      return 0;
    }
    this.#start = [String(status), reason ?? ""];
    const tunnel = this.#stream.answers === "CONNECT" && status !== undefined && status >= 200 && status < 300;
    this.#stops = status === 101 || tunnel;
    // llhttp tells before it knows that these have no body which could end with the connection.
    if (this.#stops || this.#stream.answers === "HEAD") this.#keepAlive = true;
    // As Node's client answers: 1, no body follows; 2, another protocol does.
    return this.#stops ? 2 : this.#stream.answers === "HEAD" ? 1 : 0;
  }

  #complete(): void {
    if (this.#over) return;
    this.#messages.push({
      start: this.#start,
      minor: this.#minor,
      fields: endToEnd(pairs(this.#fields), this.#stream.kind),
      body: this.#body,
      trailers: endToEnd(pairs(this.#trailers), "trailers"),
      keepAlive: this.#keepAlive,
    });
    this.#over = this.#stops || !this.#keepAlive;
  }
}

const READER = new Reader();

/** An absolute form with the path that it stands for (RFC 9112 3.2.1 and 3.2.4), its scheme in lower case. */
function normalTarget(method: string, url: string): string {
  const [, scheme, authority, rest] = /^(https?):\/\/([^/?]*)(.*)$/is.exec(url) ?? [];
  if (method === "CONNECT" || scheme === undefined || rest === undefined) return url;
  const path = rest === "" && method === "OPTIONS" ? "*" : rest.startsWith("/") ? rest : `/${rest}`;
  return `${scheme.toLowerCase()}://${authority}${path}`;
}

/** Whether Node's parser knows that method. */
export function isKnownToLlhttp(method: string): boolean {
  return methods.includes(method);
}

function pairs(flat: readonly string[]): FieldList {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) list.push([flat[i]!, flat[i + 1]!]);
  return list;
}
