import * as v from "valibot";
import type * as input from "../input/policy-input.ts";
import { dictionary, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { orVariable } from "./or-variable.ts";
import { secret } from "./secret-schema.ts";
import { defaultsSchema, serviceSchema } from "./service-schema.ts";
import { sidecarSchema } from "./sidecar-schema.ts";
import { telemetrySchema } from "./telemetry-schema.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));

const discovery: leaf.Leaf<input.DiscoveryInput> = record({
  consul: may(
    record({
      url: may(leaf.url(), "The agent."),
      token: may(secret, "Sent with each request to the agent."),
      datacenter: may(leaf.name(), "The datacenter to ask. The agent's own when absent."),
    }),
    "Consul's HTTP API.",
  ),
  self: may(
    record({
      service: v.pipe(leaf.name(), says("Its name in the registry. Needed.")),
      id: may(
        orVariable(leaf.text(/^[\x21-\x7e]{1,512}$/, "an id"), "an id", "one of them, nobody knows which"),
        "Its id there, or the environment variable that has it: `{ env: INSTANCE_ID }`. Absent: one of them, nobody knows which.",
      ),
    }),
    "Which instance of which service this process is. For `subset` and `zones`. Absent in a sidecar with `register`: that one.",
  ),
});

const listener = (meaning: string) => record({ listen: v.pipe(leaf.address(), says(meaning)) });

const gateway: leaf.Leaf<input.GatewayInput> = record({
  listen: may(leaf.address(), "Where clients call."),
  admin: may(listener("Where the admin API answers."), "What is going on."),
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
  discovery: may(discovery, "The registry that knows the endpoints."),
  defaults: may(defaultsSchema, "What every service inherits, field by field."),
  services: may(
    dictionary(leaf.nameAsKey(), serviceSchema, "an object of services by name"),
    "The services that are called, by name.",
  ),
  sidecar: may(sidecarSchema, "The process next to one service: what it listens on, and how it ends."),
  gateway: may(gateway, "A process where calls come in from outside."),
  telemetry: may(telemetrySchema, "What is told about the calls, and to whom."),
});
