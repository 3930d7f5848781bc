import { type CheckedPolicy, durationMs, type GivenFields } from "@weft/config";
import { type Given, UsageError } from "../command.ts";
import { policyOfFlags } from "./policy-of-flags.ts";
import { INSTEAD_OF_FILE, type SidecarFlags, sidecarFlags } from "./sidecar-flags.ts";

/** Where the policy of a sidecar comes from. */
export type PolicySource =
  | { readonly kind: "file"; readonly file: string; readonly given: GivenFields }
  | { readonly kind: "flags"; readonly checked: CheckedPolicy };

/** @throws UsageError that lists every mistake */
export function policySource(given: Given, command: string): PolicySource {
  const mistakes: string[] = [];
  const flags = sidecarFlags(given, mistakes);
  const over = givenFields(flags, mistakes);
  if (flags.file === undefined && INSTEAD_OF_FILE.every((name) => flags.flag(name) === undefined)) {
    mistakes.push(`name a policy file, weft ${command} FILE, or say --listen ADDRESS --upstream ADDRESS,...`);
    throw new UsageError(mistakes);
  }
  if (flags.file !== undefined) {
    for (const name of INSTEAD_OF_FILE) {
      if (flags.flag(name) !== undefined) mistakes.push(`--${name} cannot stand beside a policy file: say it there`);
    }
    if (mistakes.length > 0) throw new UsageError(mistakes);
    return { kind: "file", file: flags.file, given: over };
  }
  const checked = policyOfFlags(flags, over, mistakes);
  if (checked === undefined || mistakes.length > 0) throw new UsageError(mistakes);
  return { kind: "flags", checked };
}

const FORMATS = ["json", "text", "off"];
const LONGEST_MS = 86_400_000;

function givenFields({ flag }: SidecarFlags, mistakes: string[]): GivenFields {
  const [format, grace] = [flag("access-log"), flag("drain")];
  if (format !== undefined && !FORMATS.includes(format))
    mistakes.push(`--access-log: ${JSON.stringify(format)} is not one of ${FORMATS.join(", ")}`);
  // NaN, for what is no duration, is not below either.
  if (grace !== undefined && !(durationMs(grace) <= LONGEST_MS))
    mistakes.push(`--drain: ${JSON.stringify(grace)} is not a duration such as "250ms", "30s" or "5m", up to 24h`);
  return {
    ...(format === undefined ? {} : { "telemetry.accessLog.format": { value: format, by: "--access-log" } }),
    ...(grace === undefined ? {} : { "sidecar.drain.grace": { value: grace, by: "--drain" } }),
  };
}
