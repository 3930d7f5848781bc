import { setTimeout } from "node:timers/promises";
import { type SocketAddress, socketAddress } from "@weft/config";
import type { Command, Given } from "../command.ts";
import { stopSignal } from "../stop-signal.ts";
import { askAdmin } from "./ask-admin.ts";
import { explainQuestion } from "./explain-question.ts";
import { followCalls } from "./follow-calls.ts";
import { printable, readExplanation } from "./read-explanation.ts";

/** For an answer when calls are followed. */
const WAIT_MS = 5_000;
/** Between two questions. */
const FOLLOW_MS = 1_000;

/** `weft explain`: why did the calls of a running sidecar go as they did? */
export const explainCommand: Command = {
  name: "explain",
  summary: "ask a running sidecar why calls went as they did",
  help: `Usage: weft explain --trace ID | --service NAME | --failed [options]

Asks the admin API of a running sidecar, and prints each call with what was decided about it: which endpoint, against
which others, what every attempt came to, why there was another one or none. Exit code 0: told; 1: nothing is known of
it, or nobody answers; 2: wrongly called.

What about:
  --trace ID        the calls of this trace: 32 hexadecimal digits, as in Jaeger and the access log
  --service NAME    the last calls of this service
  --failed          the last calls that failed, were given up by their caller or were tried more than once, of all
                    services or of --service

Options:
  --last N          so many calls at most, 1 to 256 (default 20)
  --call N          with --service: only the call of this number
  --admin ADDRESS   the sidecar's admin API (default 127.0.0.1:15000), or unix:/run/weft.sock
  --follow          go on with new ones as they end, until Ctrl-C; a sidecar that goes away is waited for
  --json            as data, as /explain of the admin API has it; with --follow a line for each call
  -h, --help        this text
`,
  options: {
    trace: { type: "string" },
    service: { type: "string" },
    failed: { type: "boolean" },
    last: { type: "string" },
    call: { type: "string" },
    admin: { type: "string" },
    follow: { type: "boolean" },
    json: { type: "boolean" },
  },
  run,
};

async function run(given: Given): Promise<number> {
  const { admin, path, follow } = explainQuestion(given);
  const asData = given.options["json"] === true;
  const address = socketAddress(admin);
  if (follow) return followUntilStopped(address, path, asData);
  const answer = await askAdmin(address, path);
  switch (answer.kind) {
    case "answered":
      return print(answer.body, asData);
    case "refused":
    case "failed":
      return complain(answer.kind === "refused" ? answer.detail : answer.why);
    default:
      return answer satisfies never;
  }
}

async function followUntilStopped(admin: SocketAddress, path: string, asData: boolean): Promise<number> {
  const stopping = new AbortController();
  void stopSignal(() => stopping.abort());
  const { signal } = stopping;
  return followCalls(path, {
    ask: (what) => askAdmin(admin, what, WAIT_MS, signal),
    tell: (calls) => {
      const lines = calls.map(({ text, data }) => (asData ? JSON.stringify(data) : printable(text)));
      process.stdout.write(`${lines.join("\n")}\n`);
    },
    say: complain,
    pause: () => setTimeout(FOLLOW_MS, undefined, { signal }).catch(() => {}), // it is to end
    stopped: () => signal.aborted,
  });
}

function print(body: unknown, asData: boolean): number {
  const told = readExplanation(body);
  if (told === undefined) return complain("the answer is none of this version of weft");
  const { calls, none } = told;
  if (asData) process.stdout.write(`${JSON.stringify(body)}\n`);
  else if (calls.length > 0) process.stdout.write(`${printable(calls.map(({ text }) => text).join("\n"))}\n`);
  return calls.length > 0 ? 0 : complain(none);
}

function complain(why: string): number {
  process.stderr.write(`weft explain: ${printable(why)}\n`);
  return 1;
}
