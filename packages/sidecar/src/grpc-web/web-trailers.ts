import { Fields } from "@weft/http";

const STATUS = "grpc-status";
/** What is HTTP's own in the head of an answer that is nothing but trailers, and stays there. */
const OF_HTTP = /^(content-type|date|server|via|vary|set-cookie|cache-control|access-control-.*)$/;

/** The two halves of a head. */
export interface SplitHead {
  readonly head: Fields;
  readonly trailers: Fields;
}

/**
 * Takes the trailers out of the head of an answer without messages ("Trailers-Only"): a script that asks another origin
 * sees a body, and few of the fields. In any other head there are none.
 *
 * @param contentType what is said in the place of gRPC's
 */
export function splitHead(fields: Fields, contentType: string): SplitHead {
  const only = fields.has(STATUS);
  const head = ["content-type", contentType];
  const trailers: string[] = [];
  for (const [name, value] of fields.entries()) {
    if (name === "content-type") continue;
    (only && !OF_HTTP.test(name) ? trailers : head).push(name, value);
  }
  return { head: Fields.ofList(head), trailers: Fields.ofList(trailers) };
}

/**
 * The trailers that are sent: what came last, and where that has no status what stood in the head. An answer without any
 * status is one that its reader would not know what to make of, and is said to be UNKNOWN, as gRPC's clients do.
 */
export function trailersWithStatus(late: Fields, early: Fields): Fields {
  if (late.has(STATUS)) return late;
  if (early.has(STATUS)) return early;
  return Fields.ofList([...late.list, STATUS, "2", "grpc-message", "the answer ended without a status"]);
}
