import { isDeepStrictEqual } from "node:util";
import type { LoadedTls, TlsTexts } from "@weft/config";

/**
 * Whose certificates, keys or authorities are others than before while their paths in the policy may be the same, in
 * words: one line each, empty when none is.
 */
export function tlsChanges(before: LoadedTls, after: LoadedTls): readonly string[] {
  return [
    ...changed(before.services, after.services).map((name) => `service ${name}`),
    ...(isRenewed(before.defaults, after.defaults) ? ["defaults"] : []),
    ...changed(before.listeners, after.listeners),
  ].map((whose) => `${whose}: its certificates or authorities were renewed`);
}

function changed<Name>(before: ReadonlyMap<Name, TlsTexts>, after: ReadonlyMap<Name, TlsTexts>): readonly Name[] {
  return [...after.keys()].filter((name) => isRenewed(before.get(name), after.get(name)));
}

/** TLS that was turned on or off is a change of the policy, and told as one. */
function isRenewed(before: TlsTexts | undefined, after: TlsTexts | undefined): boolean {
  return before !== undefined && after !== undefined && !isDeepStrictEqual(before, after);
}
