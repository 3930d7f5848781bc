import { timesEnvoy } from "../aims.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import { nodeProgram } from "../peers/node-program.ts";
import { cpuOf } from "../process-usage.ts";
import { runToEnd } from "../processes.ts";
import type { Scenario } from "../scenario.ts";

const RATE = 2_000;
const BURST = 16;
/** A client that is later than this measures the machine: its own turn came that much too late. */
const LATE_MS = 50;

export const burstLatency: Scenario = paced({
  name: "burst-latency",
  title: "GET 1 KiB, 2,000 requests a second in bursts of 16, open loop",
  mode: "http",
  program: "burst-client.ts",
  load: ["/1k"],
  aims: [timesEnvoy("p50Ms", 1), timesEnvoy("p99Ms", 1)],
  endpoints: nginxEndpoints,
});

interface Pace extends Pick<Scenario, "name" | "title" | "mode" | "aims" | "endpoints"> {
  /** Is given the port, then `load`, rate, burst and seconds. */
  readonly program: string;
  readonly load: readonly (string | number)[];
}

/** The proxy is mostly idle here: what counts is how long a burst queues in it. `direct` is the endpoint alone. */
export function paced({ program, load, ...scenario }: Pace): Scenario {
  return {
    ...scenario,
    compared: "p50Ms",
    direct: true,
    columns: [
      { figure: "p50Ms", title: "p50 ms", digits: 2 },
      { figure: "p99Ms", title: "p99 ms", digits: 2 },
      { figure: "cpuUs", title: "CPU us", digits: 1 },
    ],
    async measure({ pid, port }, { seconds }) {
      const before = cpuOf(pid);
      const args = [port, ...load, RATE, BURST, seconds].map(String);
      const text = await runToEnd(nodeProgram(program, args), (seconds + 10) * 1_000);
      const after = cpuOf(pid);
      // One object, as the programs' first lines say.
      const { requests = 0, unanswered, p50Ms = 0, p99Ms = 0, lateMs = 0 } = JSON.parse(text) as Record<string, number>;
      if (lateMs > LATE_MS) throw new Error(`the machine is too busy: a burst went out ${lateMs.toFixed(0)} ms late`);
      if (unanswered !== 0) throw new Error(`${unanswered} requests were not answered`);
      return { p50Ms, p99Ms, cpuUs: (after.totalUs - before.totalUs) / requests };
    },
  };
}
