import * as v from "valibot";
import type * as input from "../input/policy-input.ts";
import type { Secret } from "../input/units.ts";
import { list, oneForm, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { defaultsSchema, serviceSchema } from "./service-schema.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));

const secret = oneForm<Secret>(
  {
    env: may(
      leaf.text(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/, "the name of an environment variable"),
      "Read from this variable.",
    ),
    file: may(leaf.file(), "Read from this file, without the line's end."),
  },
  { forms: ["env", "file"] },
);

const discovery: leaf.Leaf<input.DiscoveryInput> = record({
  consul: v.optional(
    record({
      url: may(leaf.url(), "The agent."),
      token: v.optional(secret),
      datacenter: may(leaf.name(), "The datacenter to ask. The agent's own when absent."),
    }),
  ),
});

const listener = record({ listen: leaf.address() });

const sidecar: leaf.Leaf<input.SidecarInput> = record({
  service: may(leaf.name(), "The service it stands next to."),
  inbound: v.optional(
    record({
      listen: v.pipe(leaf.address(), says("Where others call the service.")),
      app: v.pipe(leaf.address(), says("Where the service itself listens.")),
    }),
  ),
  outbound: v.optional(listener),
  tcp: v.optional(list(record({ listen: leaf.address(), service: leaf.name() }), 0, "listeners")),
  admin: v.optional(listener),
});

const gateway: leaf.Leaf<input.GatewayInput> = record({
  listen: may(leaf.address(), "Where clients call."),
  admin: v.optional(listener),
});

const telemetry: leaf.Leaf<input.TelemetryInput> = record({
  otlp: v.optional(record({ url: v.pipe(leaf.url(), says("The collector, OTLP over HTTP.")) })),
  sampleRatio: may(leaf.ratio(), "Share of the calls whose trace is kept."),
  accessLog: may(leaf.oneOf(["json", "text", "off"]), "One line per call on standard output."),
});

/**
 * The form of a policy: what keys there are, and what each may hold. What contradicts what is checked apart, in
 * `contradictions.ts`, because a JSON Schema cannot say it.
 *
 * Valibot, because one schema gives all mistakes with path and value, costs a few KiB where the SDK is bundled, and
 * turns into JSON Schema by its own maintained tool. zod reports as well but weighs several times as much; typebox
 * reports a union's mistakes for each of its forms.
 */
export const policySchema: leaf.Leaf<input.PolicyInput> = record({
  version: v.pipe(v.literal(1, "is not 1, the only version there is"), says("The version of this format: 1.")),
  discovery: v.optional(discovery),
  defaults: v.optional(defaultsSchema),
  services: v.optional(v.record(leaf.name(), serviceSchema, "is not an object of services by name")),
  sidecar: v.optional(sidecar),
  gateway: v.optional(gateway),
  telemetry: v.optional(telemetry),
});
