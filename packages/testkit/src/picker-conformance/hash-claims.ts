import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Picker, SUCCESS } from "@weft/core";
import { endpointsOf, type PickerStage, pickerStage } from "./picker-stage.ts";

interface HashClaim {
  readonly title: string;
  check(make: () => Picker): void;
}

const CALLS = 400;

/** What is promised of pickers that go by keys. */
export const HASH_CLAIMS: readonly HashClaim[] = [
  { title: "sends calls of one key to one endpoint", check: sticks },
  { title: "agrees with another client, in whatever order its registry lists the endpoints", check: agrees },
  { title: "moves the calls of an ejected endpoint and no others, and brings back exactly these", check: ejects },
  { title: "moves little else when an endpoint leaves", check: leaves },
];

function sticks(make: () => Picker): void {
  const stage = pickerStage(make(), endpointsOf(5), "keyed");
  deepStrictEqual(homes(stage), homes(stage));
  ok(new Set(homes(stage)).size > 1, "all keys went to one endpoint");
}

function agrees(make: () => Picker): void {
  const endpoints = endpointsOf([1, 2, 3, 1, 5]);
  const one = pickerStage(make(), endpoints, "keyed");
  const other = pickerStage(make(), endpoints.toReversed(), "keyed");
  deepStrictEqual(homes(one), homes(other));
}

function ejects(make: () => Picker): void {
  const stage = pickerStage(make(), endpointsOf(5), "keyed");
  const before = homes(stage);
  stage.cluster.eject("e2", Number.POSITIVE_INFINITY);
  const during = homes(stage);
  before.forEach((home, key) => {
    if (home === "e2") ok(during[key] !== "e2", `key ${key} still goes to the ejected endpoint`);
    else strictEqual(during[key], home, `key ${key} moved, whose endpoint is fit`);
  });
  stage.cluster.restore("e2");
  deepStrictEqual(homes(stage), before);
}

function leaves(make: () => Picker): void {
  const stage = pickerStage(make(), endpointsOf(5), "keyed");
  const before = homes(stage);
  stage.cluster.update(endpointsOf(5).filter(({ id }) => id !== "e2"));
  const after = homes(stage);
  const strays = before.filter((home, key) => home !== "e2" && after[key] !== home).length;
  // A ring of a fixed size gives those who stay more points, and moves a tenth of their keys; a plain modulus, most.
  ok(strays < CALLS * 0.2, `${strays} of ${CALLS} keys moved whose endpoint stays`);
}

/** Where calls of the keys 1, 2, ... go, each alone. */
function homes({ cluster, call }: PickerStage): string[] {
  return Array.from({ length: CALLS }, (_, i) => {
    const lease = cluster.acquire(call(i + 1));
    lease.release(SUCCESS);
    return lease.endpoint.id;
  });
}
