import { setInterval } from "node:timers/promises";
import { type Client, status } from "@grpc/grpc-js";
import { type Status, streaming, type StreamingCall, unary } from "./grpc-js-client.ts";
import { DUPLEX_CALL, type OutputRequest, type OutputResponse, UNARY_CALL, zeros } from "./test-service.ts";

/** Unary calls at a steady pace, as long as those before are answered. */
export interface UnaryLoad {
  readonly calls: number;
  /** How those ended that did not succeed. */
  readonly failures: readonly Status[];
  /** Resolves when so many more have been answered by each of these servers. */
  answeredBy(ids: readonly string[], count: number): Promise<void>;
  /** Makes no more, and waits for those under way. */
  stop(): Promise<void>;
}

const TICK_MS = 10;
/** A machine too slow for the pace makes fewer calls a second, not ever more at once. */
export const MOST_AT_ONCE = 100;

export function unaryLoad(client: Client, perSecond: number): UnaryLoad {
  const failures: Status[] = [];
  const answered = new Map<string, number>();
  const running = new Set<Promise<void>>();
  let waiting: (() => void)[] = [];
  let calls = 0;
  const stopping = new AbortController();

  async function call(): Promise<void> {
    calls++;
    const answer = await unary(client, UNARY_CALL, { fillServerId: true, payload: zeros(200), responseSize: 200 });
    if (answer.status.code !== status.OK) failures.push(answer.status);
    const id = answer.response?.serverId ?? "";
    answered.set(id, (answered.get(id) ?? 0) + 1);
    const told = waiting;
    waiting = [];
    for (const tell of told) tell();
  }

  async function pace(): Promise<void> {
    let lastMs = performance.now();
    let due = 0;
    try {
      for await (const _ of setInterval(TICK_MS, undefined, { signal: stopping.signal })) {
        const nowMs = performance.now();
        due = Math.min(due + ((nowMs - lastMs) / 1000) * perSecond, MOST_AT_ONCE - running.size);
        lastMs = nowMs;
        for (; due >= 1; due--) {
          const one: Promise<void> = call().finally(() => running.delete(one));
          running.add(one);
        }
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  }
  const pacing = pace();

  return {
    get calls() {
      return calls;
    },
    failures,
    async answeredBy(ids, count) {
      const goals = ids.map((id) => [id, (answered.get(id) ?? 0) + count] as const);
      while (goals.some(([id, goal]) => (answered.get(id) ?? 0) < goal))
        await new Promise<void>((resolve) => void waiting.push(resolve));
    },
    async stop() {
      stopping.abort();
      await pacing;
      await Promise.all(running);
    },
  };
}

/** Streams that are open all the time: one that ends is opened anew. */
export interface HeldStreams {
  /** How those ended that were not ended here. */
  readonly ends: readonly Status[];
  stop(): Promise<void>;
}

/** @returns when all of them are open */
export async function holdStreams(client: Client, count: number): Promise<HeldStreams> {
  const ends: Status[] = [];
  const open = new Set<StreamingCall<OutputRequest, OutputResponse>>();
  let stopped = false;

  async function hold(opened: () => void): Promise<void> {
    while (!stopped) {
      const call = streaming(client, DUPLEX_CALL, { timeoutMs: 60_000 });
      open.add(call);
      call.send({ responseParameters: [{ size: 1 }] });
      while ((await call.next()) !== undefined) opened();
      const end = await call.ended;
      open.delete(call);
      if (!stopped) ends.push(end);
    }
  }

  const holding: Promise<void>[] = [];
  const opening = Array.from({ length: count }, () => new Promise<void>((resolve) => void holding.push(hold(resolve))));
  await Promise.all(opening);
  return {
    ends,
    async stop() {
      stopped = true;
      for (const call of open) call.cancel();
      await Promise.all(holding);
    },
  };
}
