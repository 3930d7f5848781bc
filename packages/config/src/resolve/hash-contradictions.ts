import { isSlots } from "@weft/core";
import type { BalancerInput, HashOnInput } from "../input/balancer-input.ts";
import type { Protocol } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import { HASHING } from "./hashing-policy.ts";
import type { Fields } from "./merge.ts";
import { read } from "./read-fields.ts";

/**
 * What a balancer is told about hashing and cannot use, or is not told and needs. An option that is inherited is not
 * judged: a service may take another balancer than the defaults do.
 *
 * @param at path of the service or rule, where `own` is written
 */
export function hashContradictions(
  fields: Fields,
  at: Path,
  own: { readonly balancer?: BalancerInput; readonly protocol?: Protocol },
): readonly Finding[] {
  const findings: Finding[] = [...unknownOfTcp(fields, at, own)];
  const say = (severity: Finding["severity"], field: string, message: string) =>
    findings.push({ severity, path: [...at, "balancer", ...field.split(".")], message });
  const kind = String(fields.get("balancer.kind")?.value);
  const hashes = HASHING.includes(kind);
  const { balancer = {} } = own;

  if (balancer.hashOn !== undefined && !hashes)
    say(
      "error",
      "hashOn",
      `hashOn is set and balancer.kind is ${kind}: only ${HASHING.join(", ")} are told what to hash`,
    );
  if (fields.get("balancer.hashOn") === undefined && hashes && balancer.kind !== undefined)
    say("error", "kind", `"${kind}" needs balancer.hashOn: [{ header: NAME }], or whatever else tells calls apart`);
  const idle = (field: string, used: readonly string[]) =>
    say("warning", field, `means nothing with balancer.kind ${kind}: only with ${used.join(", ")}`);
  if (balancer.ring !== undefined && kind !== "ring-hash") idle("ring", ["ring-hash"]);
  if (balancer.slots !== undefined && kind !== "maglev") idle("slots", ["maglev"]);
  if (balancer.maxLoad !== undefined && !hashes && kind !== "source-ip") idle("maxLoad", [...HASHING, "source-ip"]);

  if (hashes && typeof fields.get("subset.size")?.value === "number" && balancer.kind !== undefined)
    say("warning", "kind", "subset.size is set: each caller has other endpoints, and so another one for the same key");

  const [min, max] = [Number(fields.get("balancer.ring.min")?.value), Number(fields.get("balancer.ring.max")?.value)];
  if (min > max && balancer.ring !== undefined)
    say(
      "error",
      balancer.ring.min === undefined ? "ring.max" : "ring.min",
      `a ring of ${min} to ${max} points has no size`,
    );
  if (balancer.slots !== undefined && !isSlots(balancer.slots)) {
    let slots = balancer.slots;
    while (!isSlots(slots)) slots--; // 3 is one
    say("error", "slots", `${balancer.slots} is not a prime: ${slots} is`);
  }
  return findings;
}

/** Of a TCP connection nothing can be hashed but where it comes from. @returns what of `hashOn` it lacks, in words */
export function lackedByTcp(hashOn: readonly HashOnInput[]): readonly string[] {
  return hashOn.flatMap((on) => {
    if (typeof on === "string") return on === "source-address" ? [] : [on];
    return Object.keys(on).filter((name) => name !== "terminal");
  });
}

function unknownOfTcp(
  fields: Fields,
  at: Path,
  { balancer = {}, protocol }: { readonly balancer?: BalancerInput; readonly protocol?: Protocol },
): readonly Finding[] {
  if (fields.get("protocol")?.value !== "tcp" || !HASHING.includes(String(fields.get("balancer.kind")?.value)))
    return [];
  if (balancer.hashOn !== undefined) {
    const lacked = lackedByTcp(balancer.hashOn);
    if (lacked.length === 0) return [];
    const severity = lacked.length === balancer.hashOn.length ? "error" : "warning";
    const message = `${lacked.join(", ")} cannot be hashed with protocol tcp: only source-address`;
    return [{ severity, path: [...at, "balancer", "hashOn"], message }];
  }
  const hashOn = read<readonly HashOnInput[] | undefined>(fields, "balancer.hashOn") ?? [];
  if (protocol === undefined || hashOn.length === 0 || lackedByTcp(hashOn).length < hashOn.length) return [];
  const message = `"tcp" has none of what balancer.hashOn names, so connections go by chance: set balancer.kind to source-ip`;
  return [{ severity: "warning", path: [...at, "protocol"], message }];
}
