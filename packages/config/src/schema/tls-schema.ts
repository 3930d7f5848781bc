import * as v from "valibot";
import type { KeyInput, ListenerTlsInput, TlsInput } from "../input/tls-input.ts";
import { TLS_VERSIONS } from "../input/tls-input.ts";
import { either, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { secret } from "./secret-schema.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));
const must = <T>(schema: leaf.Leaf<T>, meaning: string) => v.pipe(schema, says(meaning));

/** A path: somebody may paste the PEM itself, and then it must not be taken for one and stand in a message. */
const pem = () => leaf.text(/^(?!\s*-----)[^\0\r\n]{1,4096}$/, "the path of a PEM file");
const key: leaf.Leaf<KeyInput> = either([pem(), secret], "the path of a PEM file, { env: NAME } or { file: path }");

/** The form of a service's `tls`. */
export const tlsSchema: leaf.Leaf<TlsInput> = record({
  ca: may(
    pem(),
    "The authorities that may have signed the endpoints' certificates. When absent: the public ones that Node knows.",
  ),
  cert: may(pem(), "Our own certificate, for endpoints that ask for one, with those between it and the authority."),
  key: may(key, "The key of cert."),
  serverName: may(
    leaf.text(/^(?![\d.]+$)[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?$/, 'a host name such as "orders.local"'),
    "The name that each certificate must hold, also sent as SNI. When absent: the endpoint's host.",
  ),
  verify: may(leaf.yesOrNo(), "Whether a certificate must be signed and named right; false takes any."),
});

/** The form of a listener's `tls`. */
export const listenerTlsSchema: leaf.Leaf<ListenerTlsInput> = record({
  cert: must(pem(), "The listener's certificate, with those between it and the authority."),
  key: must(key, "The key of cert."),
  ca: may(
    pem(),
    "A caller must show a certificate that one of these authorities has signed. When absent: it need not show any.",
  ),
  minVersion: may(leaf.oneOf(TLS_VERSIONS), "The oldest version that is spoken."),
});
