import { socketAddress } from "@weft/config";
import type { Command, Given } from "../command.ts";
import { askAdmin } from "./ask-admin.ts";
import { explainQuestion } from "./explain-question.ts";

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
  --failed          the last calls that failed or were tried more than once, of all services or of --service

Options:
  --last N          so many calls at most, 1 to 256 (default 20)
  --call N          with --service: only the call of this number
  --admin ADDRESS   the sidecar's admin API (default 127.0.0.1:15000), or unix:/run/weft.sock
  --json            as data, as /explain of the admin API has it
  -h, --help        this text
`,
  options: {
    trace: { type: "string" },
    service: { type: "string" },
    failed: { type: "boolean" },
    last: { type: "string" },
    call: { type: "string" },
    admin: { type: "string" },
    json: { type: "boolean" },
  },
  run,
};

async function run(given: Given): Promise<number> {
  const { admin, path } = explainQuestion(given);
  const answer = await askAdmin(socketAddress(admin), path);
  switch (answer.kind) {
    case "answered":
      return print(answer.body, given.options["json"] === true);
    case "refused":
    case "failed":
      return complain(answer.kind === "refused" ? answer.detail : answer.why);
    default:
      return answer satisfies never;
  }
}

function print(body: unknown, asData: boolean): number {
  const told = textsOf(body);
  if (told === undefined) return complain("the answer is none of this version of weft");
  if (asData) process.stdout.write(`${JSON.stringify(body)}\n`);
  else if (told.texts.length > 0) process.stdout.write(`${printable(told.texts.join("\n"))}\n`);
  return told.texts.length > 0 ? 0 : complain(told.none);
}

/** Each call in words, and what is said when there is none. Undefined: it is another kind of answer. */
function textsOf(body: unknown): { readonly texts: readonly string[]; readonly none: string } | undefined {
  if (typeof body !== "object" || body === null || !("calls" in body) || !Array.isArray(body.calls)) return undefined;
  const none = "none" in body && typeof body.none === "string" ? body.none : "nothing is known of it";
  const texts: string[] = [];
  for (const call of body.calls as readonly unknown[]) {
    if (typeof call !== "object" || call === null || !("text" in call) || typeof call.text !== "string")
      return undefined;
    texts.push(call.text);
  }
  return { texts, none };
}

/** Without what a terminal would act on: names of endpoints come from a registry. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, "?");
}

function complain(why: string): number {
  process.stderr.write(`weft explain: ${printable(why)}\n`);
  return 1;
}
