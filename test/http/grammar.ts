import type { Random } from "@weft/core";
import type { Stream } from "./message.ts";
import * as words from "./vocabulary.ts";

/**
 * Draws a stream of one to three messages.
 *
 * @param oddness how likely each part is not what it should be, 0 to 1
 */
export function drawStream(random: Random, oddness: number): Stream {
  const grammar = new Grammar(random, oddness);
  const kind = grammar.one(["request", "response"] as const);
  const answers = kind === "response" ? grammar.one(["GET", "GET", "GET", "HEAD", "CONNECT"] as const) : "GET";
  // To HEAD there is one response: llhttp does not tell whether another may follow.
  let text = "";
  for (let count = answers === "HEAD" ? 1 : 1 + random.below(3); count > 0; count--)
    text += grammar.message(kind, answers === "HEAD");
  return { kind, text, answers };
}

class Grammar {
  readonly #random: Random;
  readonly #oddness: number;

  constructor(random: Random, oddness: number) {
    this.#random = random;
    this.#oddness = oddness;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }

  message(kind: "request" | "response", withoutBody: boolean): string {
    const odd = this.#odd();
    const version = odd ? this.one(words.ODD_VERSIONS) : "HTTP/1.1";
    const start = kind === "request" ? this.#requestLine(version) : this.#statusLine(version);
    const bodiless = /^CONNECT|^HTTP\S* (?:1|204)/.test(start) && !this.#odd();
    const [framing, body] = bodiless ? ["", ""] : this.#body();
    const lines = this.#fields(kind);
    if (framing !== "") lines.splice(this.#random.below(lines.length + 1), 0, framing);
    if (lines.length > 0 && this.#odd()) lines.push(this.one(lines));
    const head = lines.map((line) => `${line}${this.#lineEnd()}`).join("");
    return `${start}${this.#lineEnd()}${head}${this.#lineEnd()}${withoutBody ? "" : body}`;
  }

  #requestLine(version: string): string {
    const method = this.#some(words.METHODS, words.ODD_METHODS);
    const usual = method === "CONNECT" ? words.CONNECT_TARGETS : words.TARGETS;
    return `${method}${this.#space()}${this.#some(usual, words.ODD_TARGETS)}${this.#space()}${version}`;
  }

  #statusLine(version: string): string {
    return `${version}${this.#space()}${this.#some(words.STATUSES, words.ODD_STATUSES)}`;
  }

  #fields(kind: "request" | "response"): string[] {
    const lines: string[] = [];
    for (let count = this.#random.below(5); count > 0; count--) {
      lines.push(
        `${this.#some(words.NAMES, words.ODD_NAMES)}:${this.one([" ", "", " ", "\t"])}${this.#some(words.VALUES, words.ODD_VALUES)}`,
      );
    }
    if (this.#random.below(3) === 0) lines.push(`Connection: ${this.#some(words.CONNECTIONS, words.ODD_CONNECTIONS)}`);
    if (this.#odd()) lines.push(this.one(words.EXTRA_FIELDS));
    if (kind === "request" && !this.#odd()) lines.unshift(`Host: ${this.#some(["a", "a:80"], words.HOSTS)}`);
    return lines;
  }

  /** The field that frames a body, and the body. */
  #body(): readonly [string, string] {
    const content = this.one(["", "a", "hello", "x\r\ny", "0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"]);
    switch (this.#random.below(4)) {
      case 0:
        return ["", ""];
      case 1:
        return [`Content-Length: ${this.#odd() ? this.one(words.LENGTHS) : content.length}`, content];
      default: {
        const coding = this.#odd() ? this.one(words.CODINGS) : "chunked";
        const both = this.#odd() ? "Content-Length: 3\r\n" : "";
        return [`${both}Transfer-Encoding: ${coding}`, this.#chunks(content)];
      }
    }
  }

  #chunks(content: string): string {
    let text = "";
    for (let count = this.#random.below(3); count > 0; count--) {
      const data = content === "" ? "a" : content;
      text += `${this.#size(data.length)}${this.#odd() ? this.one(words.EXTENSIONS) : ""}${this.#lineEnd()}${data}${this.#lineEnd()}`;
    }
    text += `${this.#odd() ? this.one(["00", "000", "", "0x0"]) : "0"}${this.#odd() ? this.one(words.EXTENSIONS) : ""}${this.#lineEnd()}`;
    for (let count = Math.max(0, this.#random.below(4) - 2); count > 0; count--) {
      text += `${this.#some(words.TRAILERS, words.ODD_TRAILERS)}${this.#lineEnd()}`;
    }
    return text + this.#lineEnd();
  }

  #size(length: number): string {
    const hex = length.toString(16);
    if (!this.#odd()) return hex;
    return this.one([
      hex.toUpperCase(),
      `0${hex}`,
      `0000000000${hex}`,
      `+${hex}`,
      `-${hex}`,
      `0x${hex}`,
      ` ${hex}`,
      `${hex} `,
      `${"0".repeat(20)}${hex}`,
      `1000000000000000${hex}`,
      `f${hex}`,
      "20000000000000",
    ]);
  }

  #some<Item>(usual: readonly Item[], odd: readonly Item[]): Item {
    return this.one(this.#odd() ? odd : usual);
  }

  #space(): string {
    return this.#odd() ? this.one([" ", "  ", "\t", ""]) : " ";
  }

  #lineEnd(): string {
    return this.#random.unit() < this.#oddness / 4 ? this.one(words.ODD_ENDS) : "\r\n";
  }

  #odd(): boolean {
    return this.#random.unit() < this.#oddness;
  }
}
