import { setImmediate as nextTurn } from "node:timers/promises";
import type { ServicePolicyInput } from "@weft/config";
import type { Endpoint, MeshEventName, MeshEvents } from "@weft/core";
import { fakeTime, type FakeTime, seededRandom } from "@weft/testkit";
import { onTestFinished } from "vitest";
import { sidecarRig, type SidecarRig } from "./rig.ts";

/** A sidecar that checks its endpoints under virtual time; it ends with the test. */
export type CheckedRig = SidecarRig & { readonly time: FakeTime };

const STEP_MS = 100;
/** Turns of the loop that a check and its answer take over loopback, and some. */
const TURNS = 10;

/** @param registered what the registry says, when that is not the fake endpoints started */
export async function checkedRig(policy: ServicePolicyInput, registered?: readonly Endpoint[]): Promise<CheckedRig> {
  const time = fakeTime();
  const rig = await sidecarRig({
    policy,
    options: { time, random: seededRandom(7) },
    ...(registered === undefined ? {} : { registered }),
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return { ...rig, time };
}

/** Lets virtual time pass until this resolves, in steps between which checks are answered. */
export async function passing<Value>({ time }: CheckedRig, wanted: Promise<Value>): Promise<Value> {
  let over = false;
  const end = (): void => void (over = true);
  wanted.then(end, end);
  while (!over) {
    await time.advance(STEP_MS);
    for (let i = 0; i < TURNS; i++) await nextTurn();
  }
  return wanted;
}

/** The next event of that name. */
export function nextEvent<Name extends MeshEventName>(rig: CheckedRig, name: Name): Promise<MeshEvents[Name]> {
  return passing(rig, rig.journal.next(name));
}
