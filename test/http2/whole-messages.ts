import { block, get, type Pair, status } from "./field-block.ts";
import { headers } from "./frames.ts";
import { type Rule, streamError, type Verdict } from "./rule.ts";

/** What weft makes of a message that is malformed. Source: RFC 9113 8.1.1. */
export const MALFORMED: Verdict = streamError("PROTOCOL_ERROR");

/** A trailer section with nothing wrong. */
export const TRAILERS: Buffer = block(["x-sum", "5"]);

/** A request that comes whole in HEADERS, and what weft makes of it as a server. */
export function asked(section: string, when: string, fields: Buffer, verdict: Verdict = MALFORMED): Rule {
  return {
    section,
    when,
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, fields, { end: true }),
    verdict,
  };
}

/** A response that comes whole in HEADERS, and what weft makes of it as a client. */
export function replied(section: string, when: string, fields: Buffer, verdict: Verdict = MALFORMED): Rule {
  return {
    section,
    when,
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, fields),
    verdict,
  };
}

/** The same field in a request and in a response, for which both are malformed. */
export function field(section: string, when: string, ...pairs: readonly Pair[]): Rule[] {
  return [
    asked(section, `${when}, in a request`, get("/ok", ...pairs)),
    replied(section, `${when}, in a response`, status(200, ...pairs)),
  ];
}
