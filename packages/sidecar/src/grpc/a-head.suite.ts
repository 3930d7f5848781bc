import { ResponseHead } from "@weft/http";

/** The head of an answer of gRPC over HTTP/2: 200 without a status, but for what is given. @param list flat: name, value */
export function aHead(
  { status = 200, grpcStatus = -1 }: { readonly status?: number; readonly grpcStatus?: number } = {},
  list: readonly string[] = [],
): ResponseHead {
  let lines = "";
  for (let i = 0; i < list.length; i += 2) lines += `${list[i]}: ${list[i + 1]}\r\n`;
  return new ResponseHead({
    lines,
    list: undefined,
    status,
    reason: "",
    version: "2",
    contentLength: -1,
    chunked: false,
    keepAlive: true,
    keepAliveHintMs: -1,
    upgrade: "",
    grpcStatus,
    seen: 0,
    end: 0,
  });
}
