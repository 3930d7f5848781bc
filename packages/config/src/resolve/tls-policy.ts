import { dirname, resolve } from "node:path";
import type { KeyInput, ListenerTlsInput, TlsInput, TlsVersion } from "../input/tls-input.ts";
import type { Secret } from "../input/units.ts";

/** TLS towards the endpoints of a service, by the paths of its files. What stands in them: `loadTls`. */
export interface TlsPolicy {
  /** Undefined: the public authorities. */
  readonly ca: string | undefined;
  /** Undefined: we show none. With it there is a key, and without none. */
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
  /** Undefined: the endpoint's host. */
  readonly serverName: string | undefined;
  readonly verify: boolean;
}

/** TLS towards the callers of a listener, by the paths of its files. */
export interface ListenerTlsPolicy {
  readonly cert: string;
  readonly key: Secret;
  /** Whose certificates callers must show one of; undefined: they need not. */
  readonly ca: string | undefined;
  readonly minVersion: TlsVersion;
}

/** Where a path is that stands in a policy. */
export type Locate = (path: string) => string;

/** A path in a policy file is found from the file's own folder, wherever the process was started. */
export function pathsOf(policyFile: string | undefined): Locate {
  return policyFile === undefined ? (path) => path : (path) => resolve(dirname(policyFile), path);
}

export function tlsPolicy({ ca, cert, key, serverName, verify = true }: TlsInput, found: Locate): TlsPolicy {
  return {
    ca: ca === undefined ? undefined : found(ca),
    cert: cert === undefined ? undefined : found(cert),
    key: key === undefined ? undefined : keyOf(key, found),
    serverName,
    verify,
  };
}

export function listenerTlsPolicy(
  { cert, key, ca, minVersion = "TLSv1.2" }: ListenerTlsInput,
  found: Locate,
): ListenerTlsPolicy {
  return { cert: found(cert), key: keyOf(key, found), ca: ca === undefined ? undefined : found(ca), minVersion };
}

function keyOf(key: KeyInput, found: Locate): Secret {
  if (typeof key === "string") return { file: found(key) };
  return "file" in key ? { file: found(key.file) } : key;
}
