import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { answerOf, responseOf } from "../client/node-http.ts";
import type { Lines } from "./w3c-cases.ts";

/** How many requests a service makes for one, and by what, is said in these headers. */
export const CALLS = "x-calls";
export const BY = "x-by";

export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/**
 * The one who is asked in the end: it answers with the header lines that it got, as JSON.
 *
 * @param statusOf what it answers with
 */
export function echoEndpoint(statusOf: (lines: Lines) => number = () => 200): Promise<Listening> {
  const server = createServer(({ rawHeaders }, response) => {
    const lines = linesOf(rawHeaders);
    response.statusCode = statusOf(lines);
    response.end(JSON.stringify(lines));
  });
  return listening(server);
}

/**
 * A service that makes requests for each that it gets, one after the other, and answers with a list of what it got.
 *
 * @param send   makes one: what it answers with is JSON. It gets the lines that came, and what BY says
 * @param create for an app whose `node:http` is instrumented
 */
export function askingService(
  send: (lines: Lines, by: string) => Promise<string>,
  create: typeof createServer = createServer,
): Promise<Listening> {
  const server = create(async ({ headers, rawHeaders }, response) => {
    try {
      const answers: string[] = [];
      for (let calls = Number(headers[CALLS] ?? 1); calls > 0; calls--) {
        answers.push(await send(linesOf(rawHeaders), String(headers[BY])));
      }
      response.end(`[${answers.join(",")}]`);
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  });
  return listening(server);
}

const TRACE_NAMES = new Set([
  "traceparent",
  "tracestate",
  "baggage",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
]);

/** The lines that an app copies that knows of traces no more than their headers. */
export function traceLines(lines: Lines): Lines {
  return lines.filter(([name]) => TRACE_NAMES.has(name.toLowerCase()));
}

/**
 * Sends a service a request with the very lines.
 *
 * @returns what came to the endpoint with each request that the service made
 * @throws Error when it answers anything but 200
 */
export async function sendLines(port: number, lines: Lines, host = "web"): Promise<readonly Lines[]> {
  const headers = [["Host", host], ...lines].flat();
  const sent = request({ host: "127.0.0.1", port, path: "/", headers, agent: false }).end();
  const { status, body } = await answerOf(await responseOf(sent));
  if (status !== 200) throw new Error(`${status} ${body}`);
  return JSON.parse(body) as readonly Lines[]; // the service's list of the endpoint's answers
}

async function listening(server: Server): Promise<Listening> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  // It has an address: it listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function linesOf(raw: readonly string[]): Lines {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]!] as const] : []));
}
