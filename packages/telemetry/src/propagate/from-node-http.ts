import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { carriedNow, isContext } from "./carried.ts";
import type { Destinations } from "./destinations.ts";

/** Carries what is carried here to the requests of `node:http` and `node:https`, and of all that is built on them. */
export function watchNodeHttp(carriesTo: Destinations): void {
  subscribe("http.client.request.created", (message) => {
    const { request } = message as { request: ClientRequest };
    const carried = carriedNow();
    if (carried === undefined || request.method === "CONNECT" || !carriesTo(request.host.toLowerCase())) return;
    const names = namesOf(request);
    add(request, names.some(isContext) ? [] : carried.context, names);
    add(request, carried.others, names);
  });
}

/** Where Node keeps the head once it has written it. Every message of Node's has it; the types do not say so. */
const HEAD = "_header";
const END = "\r\n\r\n";

/**
 * A request whose headers were given as an array has its head written already; it goes out with the first byte of the
 * body, or with the end. One that expects 100 Continue has sent it, and is too late.
 */
interface Written {
  [HEAD]: string | null;
}

function namesOf(request: ClientRequest): readonly string[] {
  const head = written(request)[HEAD];
  if (typeof head !== "string") return request.getHeaderNames();
  return head.split("\r\n").map((line) => line.split(":")[0]!.toLowerCase());
}

function add(request: ClientRequest, lines: readonly string[], names: readonly string[]): void {
  const message = written(request);
  for (let i = 0; i < lines.length; i += 2) {
    const [name, value] = [lines[i]!, lines[i + 1]!];
    if (names.includes(name)) continue;
    const head = message[HEAD];
    if (typeof head !== "string") request.setHeader(name, value);
    else if (head.endsWith(END)) message[HEAD] = `${head.slice(0, -2)}${name}: ${value}${END}`;
  }
}

function written(request: ClientRequest): Written {
  return request as unknown as Written; // see HEAD
}
