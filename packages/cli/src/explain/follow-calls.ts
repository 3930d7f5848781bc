import type { AdminAnswer } from "./ask-admin.ts";
import { type ReadExplanation, readExplanation } from "./read-explanation.ts";

export interface FollowPorts {
  /** Never rejects. @param path with its query */
  readonly ask: (path: string) => Promise<AdminAnswer>;
  /** Prints calls, oldest first. */
  readonly tell: (calls: ReadExplanation["calls"]) => void;
  /** Says beside them what is the matter. */
  readonly say: (what: string) => void;
  /** Waits between two questions; resolves at once when it is to end. */
  readonly pause: () => Promise<void>;
  /** Whether it is to end. */
  readonly stopped: () => boolean;
}

/** So many calls at most in one answer of the admin API. */
const MOST = 256;

/**
 * Tells calls as they end, until it is stopped: first those that `path` asks for, then what came since.
 *
 * A sidecar that goes away is waited for, and one that was started anew is told from its beginning. Only a first question
 * that nobody can answer ends it: then the address, or what is asked about, is wrong.
 *
 * @param path of `/explain`, without `since`
 * @returns the exit code
 */
export async function followCalls(path: string, ports: FollowPorts): Promise<number> {
  const question = new URL(path, "http://sidecar");
  let known: ReadExplanation | undefined = undefined;
  let away = false;
  while (!ports.stopped()) {
    question.searchParams.set("since", String(known?.newest ?? 0));
    const answer = await ports.ask(question.pathname + question.search);
    const { told, why } = read(answer);
    if (told === undefined) {
      if (ports.stopped()) break;
      if (known === undefined) return fail(why, ports);
      if (!away) ports.say(`${why}; waiting`);
      away = true;
    } else if (isAnew(told, known)) {
      ports.say("the sidecar was started anew");
      known = { ...told, newest: 0 };
      away = false;
    } else {
      if (away) ports.say("answers again");
      away = false;
      if (known !== undefined && told.calls.length === MOST) ports.say(`more came than the ${MOST} that are shown`);
      if (told.calls.length > 0) ports.tell(told.calls);
      known = told;
      question.searchParams.set("last", String(MOST));
    }
    await ports.pause();
  }
  return 0;
}

/** Its numbers have begun again, and what was asked for since then is of the other one. */
function isAnew({ began }: ReadExplanation, known: ReadExplanation | undefined): boolean {
  return known !== undefined && known.began !== began;
}

function read(answer: AdminAnswer): { readonly told: ReadExplanation | undefined; readonly why: string } {
  switch (answer.kind) {
    case "answered":
      return { told: readExplanation(answer.body), why: "the answer is none of this version of weft" };
    case "refused":
      return { told: undefined, why: answer.detail };
    case "failed":
      return { told: undefined, why: answer.why };
    default:
      return answer satisfies never;
  }
}

function fail(why: string, { say }: FollowPorts): number {
  say(why);
  return 1;
}
