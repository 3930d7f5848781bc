import { answersAll, h2load, type H2loadLoad } from "../clients/h2load.ts";
import { proveHttp1 } from "../clients/prove-http1.ts";
import { type Proof, proveHttp2 } from "../clients/prove-http2.ts";
import type { LoadResult } from "../clients/wrk.ts";
import type { Mode } from "../mode.ts";
import { cpuOf, endedChildrenUs, rssOf } from "../process-usage.ts";
import type { Aim, Bench, Column, Endpoints, Scenario } from "../scenario.ts";

const COLUMNS: readonly Column[] = [
  { figure: "cpuUs", title: "CPU us", digits: 1 },
  { figure: "userUs", title: "user", digits: 1 },
  { figure: "systemUs", title: "system", digits: 1 },
  { figure: "perSecond", title: "streams/s", digits: 0 },
  { figure: "rssMib", title: "RSS MiB", digits: 0 },
  { figure: "proxyPercent", title: "proxy busy %", digits: 0 },
  { figure: "endpointsPercent", title: "endpoints busy %", digits: 0 },
  { figure: "clientPercent", title: "client busy %", digits: 0 },
];

/** Streams that each proxy has to answer before it is measured. */
const PROVED = 5_000;

export interface StreamLoad extends H2loadLoad {
  readonly name: string;
  readonly title: string;
  readonly aims: readonly Aim[];
  /** http2 when absent. */
  readonly mode?: Mode;
  /** h2load when absent. */
  readonly client?: (load: H2loadLoad, port: number, bench: Bench) => Promise<LoadResult>;
  readonly endpoints: (bench: Bench) => Promise<Endpoints>;
  /** What a single answer has to be. */
  readonly proof: Proof;
}

/**
 * A load as fast as it goes, of which the CPU time of the proxy per stream is the measure. Client, proxy and endpoints
 * have one thread each. Who is near 100 % holds the others up; a proxy that waits gets smaller bundles of frames to
 * work on at once, and looks dearer than it is.
 *
 * No stream may be answered by the proxy itself, or be sent to an endpoint twice: they count what comes.
 */
export function streamCost(all: StreamLoad): Scenario {
  const { name, title, aims, mode = "http2", client = h2load, endpoints, proof, ...load } = all;
  return {
    name,
    title,
    mode,
    compared: "cpuUs",
    columns: COLUMNS,
    aims,
    endpoints,
    async prove({ port }, bench, { requests }) {
      const before = await requests?.();
      let sent = PROVED;
      if (load.streams === undefined) await proveHttp1(proof.path, proof.answer, PROVED, port);
      else {
        sent += await proveHttp2(proof, port);
        await answersAll(load, PROVED, port, bench);
      }
      expectCame(before, await requests?.(), sent, sent);
    },
    async measure({ pid, port }, bench, { pid: endpointsPid, requests: came }) {
      const cameBefore = await came?.();
      const before = { cpu: cpuOf(pid), endpointsUs: cpuOf(endpointsPid).totalUs, clientUs: endedChildrenUs() };
      const beganAt = performance.now();
      const { requests, begun, seconds } = await client(load, port, bench);
      const tookUs = (performance.now() - beganAt) * 1_000;
      const cpu = cpuOf(pid);
      const endpointsUs = cpuOf(endpointsPid).totalUs - before.endpointsUs;
      const clientUs = endedChildrenUs() - before.clientUs;
      expectCame(cameBefore, await came?.(), requests, begun);
      return {
        cpuUs: (cpu.totalUs - before.cpu.totalUs) / requests,
        userUs: (cpu.userUs - before.cpu.userUs) / requests,
        systemUs: (cpu.systemUs - before.cpu.systemUs) / requests,
        perSecond: requests / seconds,
        rssMib: rssOf(pid) / 1024 / 1024,
        proxyPercent: ((cpu.totalUs - before.cpu.totalUs) / tookUs) * 100,
        endpointsPercent: (endpointsUs / tookUs) * 100,
        clientPercent: (clientUs / tookUs) * 100,
      };
    },
  };
}

/** @throws Error when fewer came to the endpoints than were answered, or more than were sent */
function expectCame(before: number | undefined, after: number | undefined, answered: number, sent: number): void {
  if (before === undefined || after === undefined) return;
  const came = after - before;
  if (came < answered || came > sent) {
    throw new Error(`${came} requests came to the endpoints, of ${sent} sent and ${answered} answered`);
  }
}
