import { isGrpcType } from "../head/grpc-fields.ts";
import { emptyRequestParts, type RequestParts } from "../head/request-head.ts";
import * as role from "./field-roles.ts";
import { type HeadProblem, malformed, type MalformedCode, refused } from "./head-problem.ts";
import type { HeaderBlock } from "./header-block.ts";
import type { ListMemo } from "./list-memo.ts";
import { authorityProblem, isToken, lengthOf, MAX_PATH_BYTES, namesPort, pathProblem } from "./value-rules.ts";

const bit = (its: number): number => 1 << its;
const CONNECT_MUST = bit(role.AUTHORITY);
const CONNECT_MUST_NOT = bit(role.SCHEME) | bit(role.PATH);
const MUST = bit(role.METHOD) | bit(role.SCHEME) | bit(role.PATH);

// The last ones that were in order: they come again and again.
let rightMethod = "GET";
let rightAuthority = "a";
let rightPath = "/";

/** What a block says, once all its fields are there without a problem. */
export function readRequest(block: HeaderBlock, lists: ListMemo): RequestParts | HeadProblem {
  // Made anew: to put what is new into an object that is old costs V8 more than to make one.
  const parts = emptyRequestParts("2");
  const problem = readPseudo(block, parts) ?? readFields(block, parts);
  if (problem !== undefined) return problem;
  parts.list = block.list(lists);
  parts.seen = block.seen;
  return parts;
}

/** RFC 9113 8.3.1 and 8.5, RFC 8441 4. */
function readPseudo(block: HeaderBlock, parts: RequestParts): HeadProblem | undefined {
  const method = block.value(role.METHOD);
  if (method !== rightMethod && !isToken(method))
    return malformed(block.has(role.METHOD) ? "method" : "pseudo-missing");
  rightMethod = method;
  parts.method = method;
  parts.protocol = block.value(role.PROTOCOL);
  const extended = block.has(role.PROTOCOL);
  if (extended && (method !== "CONNECT" || !isToken(parts.protocol))) return malformed("protocol");
  if (method === "CONNECT" && !extended) return readConnect(block, parts);

  if ((block.present & MUST) !== MUST) return malformed(extended ? "connect-path" : "pseudo-missing");
  const scheme = block.value(role.SCHEME);
  if (scheme !== "http" && scheme !== "https") {
    const lower = scheme.toLowerCase(); // RFC 3986 3.1: in any case
    if (!/^[a-z][a-z0-9+.-]*$/.test(lower)) return malformed("scheme");
    if (lower !== "http" && lower !== "https") return refused("scheme");
    parts.scheme = lower;
  } else parts.scheme = scheme;
  return readPath(block.value(role.PATH), parts) ?? readAuthority(block, parts);
}

function readConnect(block: HeaderBlock, parts: RequestParts): HeadProblem | undefined {
  if ((block.present & CONNECT_MUST_NOT) !== 0) return malformed("connect-path");
  if ((block.present & CONNECT_MUST) === 0) return malformed("pseudo-missing");
  const problem = readAuthority(block, parts);
  if (problem !== undefined) return problem;
  if (!namesPort(parts.authority)) return malformed("connect-port");
  parts.form = "authority";
  parts.scheme = "";
  parts.target = parts.authority;
  return undefined;
}

function readPath(path: string, parts: RequestParts): HeadProblem | undefined {
  parts.target = path;
  if (path === rightPath) return undefined;
  if (path === "*" && parts.method === "OPTIONS") {
    parts.form = "asterisk";
    return undefined;
  }
  if (path.length > MAX_PATH_BYTES) return refused("path-too-long");
  const problem = pathProblem(path);
  if (problem !== undefined) return malformed(problem);
  rightPath = path;
  return undefined;
}

/** Host stands for a missing :authority; together they have to name the same (RFC 9113 8.3.1). */
function readAuthority(block: HeaderBlock, parts: RequestParts): HeadProblem | undefined {
  const host = block.value(role.HOST);
  const authority = block.has(role.AUTHORITY) ? block.value(role.AUTHORITY) : host;
  parts.authority = authority;
  if (authority !== rightAuthority) {
    if (!block.has(role.AUTHORITY) && !block.has(role.HOST)) return malformed("pseudo-missing");
    const problem = authorityProblem(authority);
    if (problem !== undefined) return malformed(problem);
    rightAuthority = authority;
  }
  if (!block.has(role.HOST)) return undefined;
  const twice = (block.repeated & bit(role.HOST)) !== 0;
  const same = host === authority || host.toLowerCase() === authority.toLowerCase();
  return twice || !same ? malformed("two-authorities") : undefined;
}

function readFields(block: HeaderBlock, parts: RequestParts): HeadProblem | undefined {
  if (block.has(role.CONTENT_LENGTH)) {
    const problem = readLength(block, parts);
    if (problem !== undefined) return malformed(problem);
  }
  const te = block.value(role.TE);
  parts.acceptsTrailers = block.has(role.TE);
  if (parts.acceptsTrailers && te !== "trailers" && te.toLowerCase() !== "trailers") return malformed("te");
  const expect = block.value(role.EXPECT);
  if (block.has(role.EXPECT) && expect.toLowerCase() !== "100-continue") return refused("expect");
  parts.expectContinue = expect !== "";
  parts.traceparent = block.single(role.TRACEPARENT);
  parts.deadline = block.single(role.DEADLINE);
  parts.grpcTimeout = block.single(role.GRPC_TIMEOUT);
  parts.grpc = block.has(role.CONTENT_TYPE) && isGrpcType(block.single(role.CONTENT_TYPE));
  return block.settleUnderscores(parts.grpc);
}

function readLength(block: HeaderBlock, parts: RequestParts): MalformedCode | undefined {
  if ((block.repeated & bit(role.CONTENT_LENGTH)) !== 0) return "two-lengths";
  const length = lengthOf(block.value(role.CONTENT_LENGTH));
  if (length < 0) return "content-length";
  if (parts.method !== "CONNECT") parts.contentLength = length;
  // RFC 9110 9.3.6: what follows CONNECT is the tunnel. A length of 0 has one reading, and is not passed on.
  else if (length > 0) return "forbidden-body";
  return undefined;
}
