import type { Scenario } from "./scenario.ts";
import { burstLatency } from "./scenarios/burst-latency.ts";
import { close } from "./scenarios/close.ts";
import { download1g } from "./scenarios/download-1g.ts";
import { h1ToH2, h2ToH1 } from "./scenarios/h1-h2.ts";
import { h2Get100k } from "./scenarios/h2-100k.ts";
import { h2Get } from "./scenarios/h2-get.ts";
import { h2GrpcChanging, h2GrpcLiteral } from "./scenarios/h2-grpc-changing.ts";
import { h2Grpc, h2GrpcOwnClient } from "./scenarios/h2-grpc.ts";
import { h2IdleStreams } from "./scenarios/h2-idle-streams.ts";
import { h2GetSixty4By1, h2OneByOne, h2Sixty4By1 } from "./scenarios/h2-one-stream.ts";
import { h2Paced } from "./scenarios/h2-paced.ts";
import { h2Download100m, h2Upload100m } from "./scenarios/h2-transfer.ts";
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
  h2Get,
  h2Grpc,
  h2GrpcOwnClient,
  h2GrpcChanging,
  h2GrpcLiteral,
  h2Sixty4By1,
  h2GetSixty4By1,
  h2OneByOne,
  h2Get100k,
  h1ToH2,
  h2ToH1,
  h2Paced,
  h2IdleStreams,
  h2Download100m,
  h2Upload100m,
];
