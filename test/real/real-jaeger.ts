import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithFile } from "../ends-with-file.ts";
import { cachedTool, type CachedTool } from "./cached-tool.ts";
import { freePorts } from "./free-ports.ts";

/** The Jaeger that `.ci/jaeger` built, or in words why the tests that want one are skipped. */
export const JAEGER: CachedTool = cachedTool("jaeger/jaeger", ".ci/jaeger");

/** Where a Jaeger listens, on loopback. */
export interface JaegerPorts {
  /** OTLP over HTTP. */
  readonly otlp: number;
  /** Its query API, where its pages would be. */
  readonly query: number;
}

/** A real Jaeger on loopback that keeps its traces in memory; `stop` ends it and they are gone. */
export interface RealJaeger {
  readonly ports: JaegerPorts;
  /** For `telemetry.otlp.url`. */
  readonly otlpUrl: string;
  readonly queryUrl: string;
  /** Ends it with SIGKILL and waits for that. Idempotent. */
  stop(): Promise<void>;
}

const START_MS = 50_000;

/**
 * Starts one and waits until both its APIs answer.
 *
 * @param binary as found by `JAEGER`
 * @param ports  to start one again where another was; free ones when absent
 * @throws Error with its own log when it ends early or does not answer within 50 s
 */
export async function startRealJaeger(binary: string, ports?: JaegerPorts): Promise<RealJaeger> {
  const [otlp = 0, query = 0, queryGrpc = 0] = await freePorts(3);
  const at = ports ?? { otlp, query };
  const folder = await mkdtemp(join(tmpdir(), "weft-jaeger-"));
  const config = join(folder, "jaeger.json");
  await writeFile(config, JSON.stringify(configOf(at, queryGrpc)));
  const child = endsWithFile(spawn(binary, ["--config", config], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }));

  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-20_000)));
  }
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("error", (error) => resolve(void (log += error.message)));
    child.once("close", () => resolve());
  }).then(() => void (ended = true));

  async function stop(): Promise<void> {
    child.kill("SIGKILL");
    await end;
    await rm(folder, { recursive: true, force: true });
  }

  const otlpUrl = `http://127.0.0.1:${at.otlp}`;
  const queryUrl = `http://127.0.0.1:${at.query}`;
  const limit = AbortSignal.timeout(START_MS);
  while (!(await answers(`${queryUrl}/api/services`, limit)) || !(await answers(otlpUrl, limit))) {
    if (ended || limit.aborted) {
      await stop();
      throw new Error(`jaeger ${ended ? "ended early" : `did not answer within ${START_MS} ms`}:\n${log}`);
    }
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  return { ports: at, otlpUrl, queryUrl, stop };
}

/** As little of Jaeger as takes spans in and gives traces out. Source: its own `all-in-one.yaml`. */
function configOf({ otlp, query }: JaegerPorts, queryGrpc: number): object {
  const at = (port: number): object => ({ endpoint: `127.0.0.1:${port}` });
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query"],
      pipelines: { traces: { receivers: ["otlp"], exporters: ["jaeger_storage_exporter"] } },
      telemetry: { metrics: { level: "none" }, logs: { level: "warn" } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 10_000 } } } },
      jaeger_query: { storage: { traces: "memory" }, http: at(query), grpc: at(queryGrpc) },
    },
    receivers: { otlp: { protocols: { http: at(otlp) } } },
    exporters: { jaeger_storage_exporter: { trace_storage: "memory" } },
  };
}

/** Whatever it answers. */
async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    await (await fetch(url, { signal })).arrayBuffer();
    return true;
  } catch {
    return false; // Not listening yet, or out of time: the caller's loop tells which.
  }
}
