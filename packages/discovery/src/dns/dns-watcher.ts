import { backoffMs } from "@weft/core";
import type { Endpoint, Random, Time } from "@weft/core";
import type { Feed } from "../feed.ts";
import { words } from "../notice.ts";
import { fromAddresses, fromServices, isAddress, preferred } from "./dns-answer.ts";
import type { AddressRecord, ServiceRecord } from "./dns-answer.ts";

/** Which records name a service. */
export type DnsQuery =
  | {
      readonly name: string;
      /** Where every address listens, 1 to 65535. */
      readonly port: number;
      /** `a` (IPv4), `aaaa` (IPv6), or both. Default: both. */
      readonly type?: "a" | "aaaa" | "address";
    }
  | { readonly name: string; readonly type: "srv" };

/** What is needed of a resolver. It rejects with Node's codes: ENOTFOUND and ENODATA mean that there is no such record. */
export interface DnsResolver {
  resolve4(name: string): Promise<readonly AddressRecord[]>;
  resolve6(name: string): Promise<readonly AddressRecord[]>;
  resolveSrv(name: string): Promise<readonly ServiceRecord[]>;
}

export interface DnsPorts {
  readonly feed: Feed;
  readonly resolver: DnsResolver;
  readonly time: Time;
  readonly random: Random;
  readonly minRefreshMs: number;
  readonly maxRefreshMs: number;
}

/** Node does not tell the TTL of SRV records. */
const SRV_TTL_SECONDS = 30;
/** Each wait is cut by up to this share, so that a fleet that started together does not ask together. */
const JITTER_RATIO = 0.1;

interface Found {
  readonly endpoints: readonly Endpoint[];
  /** The shortest TTL of all records used. */
  readonly ttlSeconds: number;
}

/** Asks for one name again and again, at the pace of its TTL, until closed. */
export class DnsWatcher {
  readonly #query: DnsQuery;
  readonly #ports: DnsPorts;
  readonly #closed = new AbortController();
  readonly #ended: Promise<void>;
  /** The answers of the last round by family and name, and those of the round that runs. */
  #last: ReadonlyMap<string, readonly AddressRecord[]> = new Map();
  #used = new Map<string, readonly AddressRecord[]>();

  constructor(query: DnsQuery, ports: DnsPorts) {
    this.#query = query;
    this.#ports = ports;
    this.#ended = this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { feed, time, random, minRefreshMs, maxRefreshMs } = this.#ports;
    const { signal } = this.#closed;
    for (let failures = 0; !signal.aborted;) {
      let pauseMs: number;
      try {
        this.#used = new Map();
        const found = await this.#untilClosed(this.#find());
        failures = 0;
        this.#last = this.#used;
        feed.learned(found.endpoints);
        const ttlMs = Math.min(maxRefreshMs, Math.max(minRefreshMs, found.ttlSeconds * 1000));
        pauseMs = Math.max(minRefreshMs, ttlMs * (1 - JITTER_RATIO * random.unit()));
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        feed.failed(this.#problem(error));
        pauseMs = minRefreshMs + backoffMs(failures, { baseMs: minRefreshMs, maxMs: maxRefreshMs }, random);
      }
      await time.sleep(pauseMs, signal).catch(() => {}); // closing ends the loop
    }
  }

  #problem(error: unknown): string {
    const { name, type } = this.#query;
    const hint = type === "srv" && saysNone(error) ? "; SRV records are asked for where no port is given" : "";
    return `${name}: ${words(error)}${hint}`;
  }

  /** A resolver may ignore that it is cancelled: closing does not wait for it. */
  #untilClosed<Value>(work: Promise<Value>): Promise<Value> {
    const { promise, reject } = Promise.withResolvers<never>();
    const { signal } = this.#closed;
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", onAbort));
  }

  async #find(): Promise<Found> {
    const { name } = this.#query;
    if (this.#query.type === "srv") return this.#findServices(name);
    const { port, type = "address" } = this.#query;
    const records = await this.#addresses(name, type);
    return { endpoints: fromAddresses(records, port), ttlSeconds: shortest(records) };
  }

  async #findServices(name: string): Promise<Found> {
    const services = await this.#ports.resolver.resolveSrv(name);
    const targets = new Set(preferred(services).map((service) => service.name));
    const addresses = new Map<string, readonly AddressRecord[]>();
    let problem: unknown;
    await Promise.all(
      [...targets].map(async (target) => {
        if (target === "" || target === ".") return;
        try {
          const literal = [{ address: target, ttl: SRV_TTL_SECONDS }];
          addresses.set(target, isAddress(target) ? literal : await this.#addresses(target, "address"));
        } catch (error) {
          problem = error;
          addresses.set(target, this.#lastOf(target)); // one bad target must not hold up the others
        }
      }),
    );
    const records = [...addresses.values()].flat();
    if (records.length === 0 && problem !== undefined) throw problem;
    const ttlSeconds = Math.min(SRV_TTL_SECONDS, shortest(records));
    return { endpoints: fromServices(services, addresses), ttlSeconds };
  }

  /**
   * One family may fail while the other answers: then its last answer stands in, so that a lost AAAA answer does not
   * take the IPv6 endpoints away.
   *
   * @throws the resolver's error when no family answered with a record
   */
  async #addresses(name: string, type: "a" | "aaaa" | "address"): Promise<readonly AddressRecord[]> {
    const { resolver } = this.#ports;
    const asked: (readonly [string, Promise<readonly AddressRecord[]>])[] = [];
    if (type !== "aaaa") asked.push([`A ${name}`, resolver.resolve4(name)]);
    if (type !== "a") asked.push([`AAAA ${name}`, resolver.resolve6(name)]);
    const fresh: AddressRecord[] = [];
    const lastGood: AddressRecord[] = [];
    let problem: unknown;
    const settled = await Promise.allSettled(asked.map(([, answer]) => answer));
    settled.forEach((one, at) => {
      const key = asked[at]?.[0] ?? "";
      if (one.status === "fulfilled") {
        fresh.push(...one.value);
        this.#used.set(key, one.value);
        return;
      }
      if (problem === undefined || (saysNone(problem) && !saysNone(one.reason))) problem = one.reason;
      if (!saysNone(one.reason)) {
        const last = this.#last.get(key) ?? [];
        lastGood.push(...last);
        this.#used.set(key, last);
      }
    });
    if (fresh.length === 0) throw problem ?? new Error("an answer without any address");
    return [...fresh, ...lastGood];
  }

  /** What the name servers last said of a name that they do not answer for now; what they deny is forgotten. */
  #lastOf(name: string): readonly AddressRecord[] {
    return [`A ${name}`, `AAAA ${name}`].flatMap((key) => this.#used.get(key) ?? []);
  }
}

/** Whether the name servers said that there is no such record, as against not answering. */
function saysNone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENODATA" || error.code === "ENOTFOUND");
}

function shortest(records: readonly AddressRecord[]): number {
  return Math.min(...records.map(({ ttl }) => ttl));
}
