import type { ClientRequest } from "node:http";
import { addMissing, namesOfLines } from "./add-missing.ts";
import { carriedNow } from "./carried.ts";
import { type Destinations, targetHost } from "./destinations.ts";
import { listen } from "./listen.ts";

/** Carries what is carried here to the requests of `node:http` and `node:https`, and of all that is built on them. */
export function watchNodeHttp(carriesTo: Destinations): void {
  listen<{ readonly request: ClientRequest }>("http.client.request.created", ({ request }) => {
    const carried = carriedNow();
    if (carried === undefined || request.method === "CONNECT") return;
    if (!carriesTo(targetHost(request.path, request.host))) return;
    addMissing(carried, namesOf(request), (name, value) => add(request, name, value));
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
  return typeof head === "string" ? namesOfLines(head) : request.getHeaderNames();
}

function add(request: ClientRequest, name: string, value: string): void {
  const message = written(request);
  const head = message[HEAD];
  if (typeof head !== "string") request.setHeader(name, value);
  else if (head.endsWith(END)) message[HEAD] = `${head.slice(0, -2)}${name}: ${value}${END}`;
}

function written(request: ClientRequest): Written {
  return request as unknown as Written; // see HEAD
}
