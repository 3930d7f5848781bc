import { programEndpoints } from "../endpoints/program-endpoints.ts";
import { nodeProgram } from "../peers/node-program.ts";
import { cpuOf } from "../process-usage.ts";
import { runToEnd } from "../processes.ts";
import type { Scenario } from "../scenario.ts";

const CONNECTIONS = 64;

export const websocketEcho: Scenario = {
  name: "websocket-echo",
  title: "WebSocket: messages of 128 bytes sent back, 64 connections, one message under way on each",
  mode: "upgrade",
  compared: "cpuUs",
  direct: true,
  columns: [
    { figure: "perSecond", title: "messages/s", digits: 0 },
    { figure: "cpuUs", title: "CPU us", digits: 1 },
  ],
  aims: [],
  endpoints: () => programEndpoints("websocket-endpoint.ts"),
  async measure({ pid, port }, { seconds }) {
    const before = cpuOf(pid);
    const args = [port, CONNECTIONS, seconds].map(String);
    const text = await runToEnd(nodeProgram("websocket-client.ts", args), (seconds + 10) * 1_000);
    const after = cpuOf(pid);
    // One object, as the program's first lines say.
    const { messages = 0, seconds: took = 0 } = JSON.parse(text) as Record<string, number>;
    if (messages === 0) throw new Error("no message came back");
    return { perSecond: messages / took, cpuUs: (after.totalUs - before.totalUs) / messages };
  },
};
