import type { Scenario } from "./scenario.ts";
import { burstLatency } from "./scenarios/burst-latency.ts";
import { close } from "./scenarios/close.ts";
import { download1g } from "./scenarios/download-1g.ts";
import { get100k } from "./scenarios/get-100k.ts";
import { get1k64 } from "./scenarios/get-1k-64.ts";
import { h2load1k64 } from "./scenarios/h2load-1k-64.ts";
import { idleConnections } from "./scenarios/idle-connections.ts";
import { oneConnection } from "./scenarios/one-connection.ts";
import { post4k } from "./scenarios/post-4k.ts";
import { stalledReaders } from "./scenarios/stalled-readers.ts";
import { tcp1k } from "./scenarios/tcp-1k.ts";
import { tcpThroughput } from "./scenarios/tcp-throughput.ts";
import { twelveHeaders } from "./scenarios/twelve-headers.ts";
import { upload1g } from "./scenarios/upload-1g.ts";
import { websocketEcho } from "./scenarios/websocket-echo.ts";

/** Every scenario, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  get1k64,
  h2load1k64,
  oneConnection,
  post4k,
  twelveHeaders,
  get100k,
  close,
  burstLatency,
  download1g,
  upload1g,
  stalledReaders,
  idleConnections,
  tcpThroughput,
  tcp1k,
  websocketEcho,
];
