import type { Socket } from "node:net";
import { authority, Expiring, type MeshError, type Time, type TimeoutQueues } from "@weft/core";
import { parseProxyHeader, type ProxyAddress, type ProxyHeader, resetSocket, writeProxyHeader } from "@weft/http";
import type { AccessEntry } from "../access-log/access-entry.ts";
import type { ListenerCounters, RefusalFlag } from "../metrics/listener-counters.ts";
import type { AcceptedCaller, TunnelCall, TunnelCaller } from "./tunnel-call.ts";
import { entryOfRefusedTunnel, entryOfTunnel, type TunnelAsked } from "./tunnel-entry.ts";
import type { TunnelWay } from "./tunnel-way.ts";

/** What the connections of one TCP listener share. */
export interface TcpCallerPorts {
  readonly name: string;
  readonly time: Time;
  readonly timeouts: TimeoutQueues;
  /** Wall clock. */
  readonly epochMs: () => number;
  readonly counters: ListenerCounters;
  /** The way to the listener's service. @throws MeshError when there is no such service */
  readonly way: () => TunnelWay;
  /** A connection is over. */
  readonly ended: (entry: AccessEntry) => void;
  /** One is over that no service was asked for, and not by its caller. @param code why, in a word */
  readonly refused: (entry: AccessEntry, flag: RefusalFlag, code: string) => void;
}

export interface TcpCallerOptions {
  /** Cut after so long without a byte from either side, in ms, > 0; Infinity: never. */
  readonly idleMs: number;
  readonly proxyProtocol: { readonly accept: boolean; readonly send: "off" | "v1" | "v2" };
}

/** Why no service was asked, in a word. */
const CODES: Readonly<Record<RefusalFlag, string>> = {
  NR: "UNKNOWN_SERVICE",
  DPE: "PROXY_HEADER",
  SI: "PROXY_HEADER",
  LR: "CLOSED",
};

/** A proxy sends its header at once. Source: AWS, which waits as long. */
const HEADER_MS = 5_000;

/**
 * One connection that a TCP listener accepted: reads its PROXY header when one is wanted, and asks for a tunnel.
 *
 *   heading --(a whole header)--> connecting --(an endpoint)--> joined --> over
 */
export class TcpCaller extends Expiring implements TunnelCaller {
  readonly #socket: Socket;
  readonly #options: TcpCallerOptions;
  readonly #ports: TcpCallerPorts;
  readonly #startedEpochMs: number;
  readonly #startedMs: number;
  readonly #over: (caller: TcpCaller) => void;
  readonly #peer: ProxyAddress | undefined;
  readonly #local: ProxyAddress | undefined;
  #header: Extract<ProxyHeader, { kind: "header" }> | undefined = undefined;
  #early: Buffer | undefined = undefined;
  #tunnel: TunnelCall | undefined = undefined;
  #isOver = false;

  /** @param over called once, when the connection has closed */
  constructor(socket: Socket, options: TcpCallerOptions, ports: TcpCallerPorts, over: (caller: TcpCaller) => void) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#ports = ports;
    this.#over = over;
    this.#startedEpochMs = ports.epochMs();
    this.#startedMs = ports.time.nowMs();
    // A socket that has closed knows neither any more.
    this.#peer = addressOf(socket.remoteAddress, socket.remotePort);
    this.#local = addressOf(socket.localAddress, socket.localPort);
  }

  begin(): void {
    const { time, timeouts } = this.#ports;
    this.#socket.on("error", this.#left).on("close", this.#left);
    if (!this.#options.proxyProtocol.accept) return this.#connect();
    timeouts.of(HEADER_MS).add(this, time.nowMs());
    this.#socket.on("data", this.#heading).on("end", this.#ended);
  }

  /** Cuts the connection, whatever it is at. @param reason for the log */
  cut(reason: MeshError): void {
    if (this.#tunnel !== undefined) this.#tunnel.call.cut(reason);
    else this.#refuseHeader("LR", reason.message, "mesh");
  }

  /** No PROXY header came in time. */
  expire(): void {
    this.#ports.counters.requestTimeouts++;
    this.#refuseHeader("SI", `no PROXY header within ${HEADER_MS} ms`, "mesh");
  }

  // What the tunnel asks of its caller: there is no request, and no answer.

  readonly method = "";
  readonly version = "";
  readonly secure = false;
  readonly status = 0;

  get peer(): string {
    const source = this.#header?.source ?? this.#peer;
    return source === undefined ? "" : authority(source.host, source.port);
  }

  header(): undefined {
    return undefined;
  }

  /** Of whom the proxy before us spoke for, when it did. */
  get address(): string {
    return (this.#header?.source ?? this.#peer)?.host ?? "";
  }

  accept(): AcceptedCaller {
    this.#socket.off("error", this.#left).off("close", this.#left);
    const early = this.#early;
    const preface = this.#preface();
    this.#early = undefined;
    return {
      socket: this.#socket,
      ...(early === undefined ? {} : { early }),
      ...(preface === undefined ? {} : { preface }),
    };
  }

  refuse(): void {
    resetSocket(this.#socket);
  }

  ended(tunnel: TunnelCall): void {
    const { counters, ended } = this.#ports;
    if (tunnel.tunnelEnd?.why === "idle") counters.idleTimeouts++;
    counters.bytesReceived += tunnel.bytesIn;
    counters.bytesSent += tunnel.bytesOut;
    this.#end(() => ended(entryOfTunnel(tunnel, this.#asked())));
  }

  // The header.

  readonly #heading = (bytes: Buffer): void => {
    const all = this.#early === undefined ? bytes : Buffer.concat([this.#early, bytes]);
    const header = parseProxyHeader(all);
    this.#early = all;
    if (header.kind === "more") return;
    if (header.kind === "refused") return this.#refuseHeader("DPE", header.detail, "mesh");
    this.settle();
    this.#socket.off("data", this.#heading).off("end", this.#ended).pause();
    this.#header = header;
    this.#early = all.length > header.end ? all.subarray(header.end) : undefined;
    this.#connect();
  };

  readonly #ended = (): void => this.#refuseHeader("DPE", "the connection ended before its PROXY header did", "caller");

  #refuseHeader(flag: RefusalFlag | "DC", why: string, end: "caller" | "mesh"): void {
    if (this.#isOver) return;
    const { counters, time, ended, refused } = this.#ports;
    if (flag === "DPE") counters.protocolErrors++;
    const durationMs = time.nowMs() - this.#startedMs;
    const entry = entryOfRefusedTunnel(this.#asked(), { flag, why, end, durationMs });
    this.#end(() => (flag === "DC" ? ended(entry) : refused(entry, flag, CODES[flag])));
  }

  #connect(): void {
    let way: TunnelWay;
    try {
      way = this.#ports.way();
    } catch (error) {
      this.#refuseHeader("NR", error instanceof Error ? error.message : String(error), "mesh");
      return;
    }
    this.#tunnel = way.open(this, this.#options.idleMs);
  }

  /** The connection broke while it had no tunnel yet. */
  readonly #left = (): void => {
    if (this.#tunnel === undefined)
      this.#refuseHeader("DC", "the caller left before its PROXY header was here", "caller");
    else this.#tunnel.leave("the caller left before there was a connection to an endpoint");
  };

  /** Who connects, in the words of the proxy before us when it spoke for another. */
  #preface(): Buffer | undefined {
    const { send } = this.#options.proxyProtocol;
    if (send === "off") return undefined;
    const source = this.#header?.source ?? this.#peer;
    const destination = this.#header?.destination ?? this.#local;
    return writeProxyHeader(send === "v1" ? 1 : 2, source, destination);
  }

  #asked(): TunnelAsked {
    return {
      listener: this.#ports.name,
      protocol: "TCP",
      method: "",
      authority: "",
      status: 0,
      peer: this.peer,
      requestId: "",
      userAgent: "",
      startedEpochMs: this.#startedEpochMs,
    };
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.settle();
    resetSocket(this.#socket);
    tell();
    this.#over(this);
  }
}

function addressOf(host: string | undefined, port: number | undefined): ProxyAddress | undefined {
  return host === undefined || port === undefined ? undefined : { host, port };
}
