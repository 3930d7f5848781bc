import {
  BalancedCluster,
  type Endpoint,
  endpoint,
  ketama,
  maglev,
  meshEvents,
  OngoingCall,
  type Picker,
  ringHash,
  sourceIp,
  TextBytes,
  Word64,
  xxh64,
} from "@weft/core";
import { isMain, percent, table } from "./report.ts";

const PICKERS: readonly (() => Picker)[] = [ringHash, maglev, ketama, sourceIp];
const SIZES = [3, 5, 10, 50, 1_000, 10_000];
const KEYS = 50_000;
const ROUNDS = 30;

/** What hashing costs, how even it is, and what moves when one endpoint leaves. */
export function hashReport(): string {
  const lengths = [15, 36, 200].map((length) => [String(length), nsOfKey(length).toFixed(0)]);
  const rows = PICKERS.flatMap((make) => SIZES.map((size) => placementRow(make, size)));
  return [
    `ns for the hash of a key, least of ${ROUNDS} rounds.\n\n${table(["bytes", "ns"], lengths)}`,
    `Building, and ${KEYS.toLocaleString("en")} keys over endpoints of equal weight: the fullest against the mean; and when one leaves, keys that move although theirs stays.\n\n${table(["policy", "endpoints", "built in ms", "fullest / mean", "moved besides"], rows)}`,
  ].join("\n\n");
}

function nsOfKey(length: number): number {
  const text = new TextBytes();
  const hash = new Word64();
  const key = "0123456789abcdef".repeat(13).slice(0, length);
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    for (let i = 0; i < 10_000; i++) {
      text.latin1(key);
      hash.set(0, 0);
      xxh64(text.bytes, text.length, hash);
    }
    return (performance.now() - began) * 100;
  });
  return Math.min(...times);
}

function placementRow(make: () => Picker, size: number): string[] {
  const endpoints = Array.from({ length: size }, (_, i) => endpoint({ host: `10.0.${i >> 8}.${i & 255}`, port: 8080 }));
  const cluster = clusterOf(make());
  const began = performance.now();
  cluster.update(endpoints);
  const tookMs = performance.now() - began;
  const before = homesIn(cluster);
  const gone = endpoints[1]!.id;
  cluster.update(endpoints.filter(({ id }) => id !== gone));
  const after = homesIn(cluster);
  const strays = before.filter((home, key) => home !== gone && after[key] !== home).length;
  return [
    make().kind,
    size.toLocaleString("en"),
    tookMs.toFixed(1),
    (fullest(before) / (KEYS / size)).toFixed(2),
    percent(strays / KEYS, 2),
  ];
}

function clusterOf(picker: Picker): BalancedCluster {
  const random = { below: () => 0, unit: () => 0 };
  const clock = { nowMs: () => 0 };
  return new BalancedCluster({ service: "orders", clock, random, events: meshEvents(), policy: { picker } });
}

function homesIn(cluster: BalancedCluster): Endpoint["id"][] {
  const text = new TextBytes();
  const call = new OngoingCall(1, "orders", 0, true);
  return Array.from({ length: KEYS }, (_, key) => {
    const hash = new Word64();
    text.latin1(`user-${key}`);
    xxh64(text.bytes, text.length, hash);
    call.hash = hash;
    const choice = cluster.choose(call);
    return choice.kind === "chosen" ? choice.endpoint.id : "";
  });
}

function fullest(homes: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const home of homes) counts.set(home, (counts.get(home) ?? 0) + 1);
  return Math.max(...counts.values());
}

if (isMain(import.meta.url)) console.log(hashReport());
