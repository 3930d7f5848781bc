import http from "node:http";
import https from "node:https";
import net from "node:net";
import type { Probe } from "../agent/check-definition.ts";
import type { Status } from "../store/rows.ts";
import type { Time } from "../time.ts";

/** What a probe found. */
export interface Finding {
  readonly status: Status;
  readonly output: string;
}

type Real = Extract<Probe, { readonly kind: "http" | "tcp" }>;

const MAX_OUTPUT_BYTES = 4096; // Consul's BufSize for check output

/**
 * Runs an HTTP or TCP check once, over a connection of its own. 2xx passes, 429 warns, all else is critical.
 *
 * @returns always; a failure is a finding. An aborted probe settles at once.
 */
export function runProbe(probe: Real, timeoutMs: number, time: Time, signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const end = (status: Status, output: string): void => {
      cancel();
      signal.removeEventListener("abort", onAbort);
      drop();
      resolve({ status, output });
    };
    const drop = probe.kind === "tcp" ? connect(probe, end) : request(probe, end);
    const onAbort = (): void => end("critical", "aborted");
    const cancel = time.after(timeoutMs, () => end("critical", `${what(probe)}: i/o timeout`));
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

function what(probe: Real): string {
  return probe.kind === "tcp" ? `dial tcp ${probe.host}:${probe.port}` : `Get "${probe.url}"`;
}

function connect(
  probe: Extract<Probe, { readonly kind: "tcp" }>,
  end: (status: Status, output: string) => void,
): () => void {
  const socket = net.connect(probe.port, probe.host);
  socket.on("connect", () => end("passing", `TCP connect ${probe.host}:${probe.port}: Success`));
  socket.on("error", (error) => end("critical", `${what(probe)}: ${reason(error)}`));
  return () => socket.destroy();
}

function request(
  probe: Extract<Probe, { readonly kind: "http" }>,
  end: (status: Status, output: string) => void,
): () => void {
  const send = probe.url.startsWith("https:") ? https.request : http.request;
  const outgoing = send(probe.url, {
    method: probe.method,
    headers: { "user-agent": "Consul Health Check", accept: "text/plain, text/*, */*", ...probe.headers },
    agent: false,
  });
  const { hostname, port, protocol } = new URL(probe.url);
  const dialled = `dial tcp ${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  outgoing.on("error", (error) => end("critical", `${what(probe)}: ${dialled}: ${reason(error)}`));
  outgoing.on("response", (response) => {
    const code = response.statusCode ?? 0;
    let body = "";
    const finish = (): void => {
      const status = code >= 200 && code < 300 ? "passing" : code === 429 ? "warning" : "critical";
      end(status, `HTTP ${probe.method} ${probe.url}: ${code} ${response.statusMessage ?? ""} Output: ${body}`);
    };
    response.setEncoding("utf8").on("data", (chunk: string) => {
      body = (body + chunk).slice(0, MAX_OUTPUT_BYTES);
      if (body.length === MAX_OUTPUT_BYTES) finish();
    });
    response.on("end", finish).on("error", (error) => end("critical", `${what(probe)}: ${reason(error)}`));
  });
  outgoing.end(probe.body);
  return () => outgoing.destroy();
}

function reason(error: NodeJS.ErrnoException): string {
  return error.code === "ECONNREFUSED" ? "connect: connection refused" : error.message || (error.code ?? "failed");
}
