import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";

/**
 * What makes no sense together in the `tls` of a service, judged on the merged fields.
 *
 * @param at path of the service, for what was written nowhere
 */
export function tlsContradictions(fields: Fields, at: Path): readonly Finding[] {
  const placeOf = (field: string): Path => {
    const origin = fields.get(field)?.origin;
    return origin?.kind === "policy" ? origin.path : [...at, "tls"];
  };
  const error = (field: string, message: string): Finding => ({ severity: "error", path: placeOf(field), message });
  const findings: Finding[] = [];
  if (fields.get("tls")?.value === "off") return findings;
  const [cert, key] = [fields.has("tls.cert"), fields.has("tls.key")];
  if (cert && !key) findings.push(error("tls.cert", "needs its key: set tls.key"));
  if (key && !cert) findings.push(error("tls.key", "belongs to a certificate: set tls.cert"));
  if (fields.get("protocol")?.value === "tcp")
    findings.push(error("protocol", "tls is on and protocol is tcp, which passes bytes on as they are: say tls: off"));
  if (fields.get("tls.verify")?.value === false) {
    const message = fields.has("tls.ca")
      ? "false takes any certificate, so tls.ca means nothing: leave out one or the other"
      : "false takes any certificate: whoever stands in between can read and change every call";
    findings.push({ severity: "warning", path: placeOf("tls.verify"), message });
  }
  return findings;
}
