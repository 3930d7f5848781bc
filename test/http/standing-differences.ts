import { isKnownToLlhttp } from "./llhttp.ts";
import type { Message } from "./message.ts";
import type { RefusalCode } from "./ours.ts";

/** Something that llhttp takes and we refuse. The reasons stand in docs/http-strictness.md, a row for each. */
interface Stricter {
  readonly rule: RefusalCode;
  /** Whether it is that difference: a look at the bytes from the start of the refused message. Any bytes when absent. */
  readonly holds?: (bytes: string) => boolean;
}

export const STRICTER: readonly Stricter[] = [
  // llhttp skips any CR and LF before a message, and takes a line without a version for HTTP/0.9.
  { rule: "bare-lf", holds: (bytes) => /^(?:\r\n)?[^\r\n]*\n/.test(bytes) },
  { rule: "bare-cr", holds: (bytes) => /^(?:\r\n)?\r(?!\n)/.test(bytes) },
  { rule: "request-line" },
  { rule: "malformed-version" },
  { rule: "version" },
  { rule: "target" },
  { rule: "fragment" },
  { rule: "percent-encoding" },
  { rule: "target-form" },
  { rule: "scheme" },
  { rule: "userinfo" },
  { rule: "authority" },
  { rule: "connect-port" },
  { rule: "no-host" },
  { rule: "two-hosts" },
  { rule: "host" },
  { rule: "content-length", holds: (bytes) => /\ncontent-length:[ \t]*0\d/i.test(bytes) },
  { rule: "length-too-large" },
  { rule: "transfer-encoding-in-http-1-0" },
  { rule: "chunked-not-last" },
  { rule: "transfer-coding" },
  { rule: "tab-by-transfer-coding" },
  { rule: "expect" },
  { rule: "connection-option" },
  { rule: "protected-option" },
  { rule: "forbidden-body" },
  { rule: "status" },
  { rule: "status-line" },
  { rule: "chunk-too-large" },
  { rule: "chunk-extension" },
  { rule: "forbidden-trailer", holds: (bytes) => /\n(?:host|transfer-encoding):/i.test(bytes) },
];

/** Something that llhttp refuses, or reads differently, and we take as we do. */
interface Other {
  readonly name: string;
  /**
   * @param theirs llhttp's message, or the code of its refusal
   * @param bytes of the stream
   */
  readonly holds: (ours: Message, theirs: Message | string, bytes: string) => boolean;
}

export const OTHERS: readonly Other[] = [
  {
    name: "a method that llhttp does not know",
    holds: ({ start: [method] }, theirs) =>
      ["HPE_INVALID_METHOD", "HPE_INVALID_CONSTANT", "HPE_INVALID_VERSION"].some((code) => code === theirs) &&
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method) &&
      !isKnownToLlhttp(method),
  },
  {
    name: "an HTTP/1.0 message with both close and keep-alive",
    holds: (ours, theirs) => ours.minor === 0 && !ours.keepAlive && differsInKeepAlive(ours, theirs),
  },
  {
    name: "Proxy-Connection",
    holds: (ours, theirs, bytes) => /\nproxy-connection:/i.test(bytes) && differsInKeepAlive(ours, theirs),
  },
];

function differsInKeepAlive(ours: Message, theirs: Message | string): boolean {
  return (
    typeof theirs !== "string" && JSON.stringify({ ...theirs, keepAlive: ours.keepAlive }) === JSON.stringify(ours)
  );
}
