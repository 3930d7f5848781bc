import { checkPolicy, type ServicePolicyInput } from "@weft/config";
import {
  type Call,
  IGNORED,
  type Lease,
  meshEvents,
  MeshError,
  type OngoingCall,
  type Outcome,
  TimeoutQueues,
} from "@weft/core";
import {
  type EventJournal,
  eventJournal,
  type FakeTime,
  fakeTime,
  type MemoryRegistry,
  memoryRegistry,
  seededRandom,
} from "@weft/testkit";
import { outcomeOfAnswer, resultOfAnswer } from "../call/answer.ts";
import { CallLog } from "../call/call-log.ts";
import { callStack } from "../call/call-stack.ts";
import { importanceOf } from "../call/importance.ts";
import type { Running } from "../call/running-calls.ts";
import { PolicyBook } from "../registry/policy-book.ts";
import type { RuntimePorts } from "./runtime-ports.ts";
import { ServiceRuntime } from "./service-runtime.ts";

/** The smallest home there can be: requests are paths, answers are what the test makes of each attempt. */
export interface Home {
  readonly runtime: ServiceRuntime;
  readonly registry: MemoryRegistry;
  readonly time: FakeTime;
  readonly journal: EventJournal;
  /** Puts the service's policy in the place of the present one. */
  configure(service: ServicePolicyInput): void;
  /** Answers all attempts that wait. */
  answer(status: number): void;
  /** One call, from its beginning to its end. */
  ask(path: string): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly endpoint: string;
}

/** What an attempt comes to: a status, or `wait` until it is cut. */
export type Endpoint = (path: string, id: string) => number | "wait";

class Exchange implements Running {
  readonly call: OngoingCall;
  readonly path: string;
  earlier: Running | undefined = undefined;
  later: Running | undefined = undefined;

  constructor(call: OngoingCall, path: string) {
    this.call = call;
    this.path = path;
  }
}

interface Attempt extends Answer {
  readonly lease: Lease;
}

export function home(
  service: ServicePolicyInput,
  endpoint: Endpoint = () => 200,
  changed: Partial<RuntimePorts> = {},
): Home {
  const time = fakeTime(1_000);
  const events = meshEvents();
  const journal = eventJournal(events);
  const registry = memoryRegistry({ clock: time });
  registry.set("orders", [
    { id: "a", host: "10.0.0.1", port: 80 },
    { id: "b", host: "10.0.0.2", port: 80 },
  ]);
  const book = new PolicyBook(policyOf(service), "sdk");
  let calls = 0;
  const ports: RuntimePorts = {
    time,
    random: seededRandom(7),
    events,
    timeouts: new TimeoutQueues(time),
    readyMs: 5_000,
    nextCall: () => ++calls,
    calls: new CallLog(),
    ...changed,
  };
  const runtime = new ServiceRuntime("orders", registry.watch("orders"), book.of("orders"), ports);
  const paths = runtime.paths((policy, parts) => {
    return callStack<Exchange, Attempt>(policy, parts, ATTEMPTS, send);
  });

  const waiting: ((status: number) => void)[] = [];

  function send({ path }: Exchange, call: Call): Promise<Attempt> {
    const lease = call.lease!; // the pick layer, further out, has just put it there
    call.lease = undefined;
    const id = lease.endpoint.id;
    const status = endpoint(path, id);
    if (status !== "wait") return Promise.resolve({ status, endpoint: id, lease });
    const { promise, resolve, reject } = Promise.withResolvers<Attempt>();
    waiting.push((answer) => resolve({ status: answer, endpoint: id, lease }));
    const cut = (reason: unknown): void => {
      lease.release(IGNORED);
      reject(reason);
    };
    call.onCut(cut, undefined);
    lease.onCut(cut, undefined);
    return promise;
  }

  return {
    runtime,
    registry,
    time,
    journal,
    configure(next) {
      book.replace(policyOf(next));
      runtime.configure(book.of("orders"));
    },
    answer(status) {
      for (const one of waiting.splice(0)) one(status);
    },
    async ask(path) {
      const way = paths.unruled ?? paths.of({ method: "GET", path, header: () => undefined });
      const exchange = new Exchange(runtime.newCall(true), path);
      exchange.call.hash = runtime.hashKeys?.of({ path, address: "", values: () => [], setCookie: () => {} });
      runtime.running.add(exchange);
      try {
        if (runtime.closed) throw runtime.closedError();
        const { status, endpoint: id, lease } = await way(exchange, exchange.call);
        exchange.call.answered(outcomeOf(status), time.nowMs());
        lease.release(outcomeOf(status));
        return { status, endpoint: id };
      } finally {
        exchange.call.finish({ kind: "complete", atMs: time.nowMs() });
        runtime.running.delete(exchange);
      }
    },
  };
}

const ATTEMPTS = {
  resultOf: ({ status }: Attempt) =>
    resultOfAnswer(
      status,
      outcomeOfAnswer(status, undefined, () => 0),
      false,
    ),
  resultOfError: () => undefined,
  repeatable: () => true,
  hedgeable: () => true,
  importanceOf: ({ path }: Exchange) => importanceOf(path.slice(1)),
  discard: ({ lease, status }: Attempt) => lease.release(outcomeOf(status)),
};

function outcomeOf(status: number): Outcome {
  return outcomeOfAnswer(status, undefined, () => 0);
}

function policyOf(service: ServicePolicyInput): ReturnType<typeof checkPolicy>["policy"] {
  return checkPolicy({ version: 1, services: { orders: service } }, { home: "sdk" }).policy;
}

/** The code of the error that a call ended with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    return error instanceof MeshError ? error.code : String(error);
  }
}
