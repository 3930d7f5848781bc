import { grpcStatusOf } from "../head/grpc-fields.ts";
import { emptyResponseParts, type ResponseParts } from "../head/response-head.ts";
import * as role from "./field-roles.ts";
import { type HeadProblem, malformed, type MalformedCode } from "./head-problem.ts";
import type { HeaderBlock } from "./header-block.ts";
import type { ListMemo } from "./list-memo.ts";
import { lengthOf } from "./value-rules.ts";

const SWITCHING_PROTOCOLS = 101;
const NO_CONTENT = 204;

/** What a block says, once all its fields are there without a problem. */
export function readResponse(block: HeaderBlock, lists: ListMemo): ResponseParts | HeadProblem {
  // Made anew: to put what is new into an object that is old costs V8 more than to make one.
  const parts = emptyResponseParts("2");
  const problem = readStatus(block, parts) ?? readLength(block, parts);
  if (problem !== undefined) return malformed(problem);
  parts.grpcStatus = block.has(role.GRPC_STATUS) ? readGrpcStatus(block) : -1;
  parts.list = block.list(lists);
  parts.seen = block.seen;
  return parts;
}

/** RFC 9113 8.3.2; 8.6: there is no 101 in HTTP/2. */
function readStatus(block: HeaderBlock, parts: ResponseParts): MalformedCode | undefined {
  if (!block.has(role.STATUS)) return "pseudo-missing";
  const value = block.value(role.STATUS);
  if (value !== "200" && !/^[1-5]\d\d$/.test(value)) return "status";
  parts.status = Number(value);
  return parts.status === SWITCHING_PROTOCOLS ? "status" : undefined;
}

/** As HTTP/1.1 is read here: no length in 1xx and 204; one of 0 has one reading, and is not passed on. */
function readLength(block: HeaderBlock, parts: ResponseParts): MalformedCode | undefined {
  if (!block.has(role.CONTENT_LENGTH)) return undefined;
  if ((block.repeated & (1 << role.CONTENT_LENGTH)) !== 0) return "two-lengths";
  const length = lengthOf(block.value(role.CONTENT_LENGTH));
  if (length < 0) return "content-length";
  if (parts.status >= 200 && parts.status !== NO_CONTENT) parts.contentLength = length;
  else if (length > 0) return "forbidden-body";
  return undefined;
}

function readGrpcStatus(block: HeaderBlock): number {
  return grpcStatusOf((block.repeated & (1 << role.GRPC_STATUS)) === 0 ? block.value(role.GRPC_STATUS) : "");
}
