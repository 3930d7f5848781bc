import type { ServicePolicyInput } from "@weft/config";
import { fakeTime, type FakeTime } from "@weft/testkit";
import { onTestFinished } from "vitest";
import { type GrpcCaller, grpcCaller, type GrpcEndpoint, grpcEndpoint } from "./grpc-peers.ts";
import { sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

/** A sidecar over endpoints of gRPC that do what the test says, and a caller. */
export interface GrpcRig extends Omit<SidecarRig, "endpoints"> {
  readonly endpoints: readonly [GrpcEndpoint, GrpcEndpoint];
  readonly caller: GrpcCaller;
  readonly time: FakeTime;
}

/** Two endpoints, of which the first is called first, on virtual time. */
export async function grpcRig(policy: ServicePolicyInput = {}, rest: SidecarRigOptions = {}): Promise<GrpcRig> {
  const endpoints = [await grpcEndpoint("one"), await grpcEndpoint("two")] as const;
  const time = fakeTime();
  const rig = await sidecarRig({
    count: 0,
    registered: endpoints.map(({ endpoint }) => endpoint),
    policy: { protocol: "grpc", ...policy },
    ...rest,
    options: { time, ...rest.options },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return { ...rig, endpoints, time, caller: grpcCaller(rig.port) };
}
