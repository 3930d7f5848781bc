import { createSecureContext, type SecureContext, type TlsOptions } from "node:tls";
import { type LoadedTls, loadTls, type Policy, type TlsListener, type TlsTexts } from "@weft/config";

/** Certificates and keys in the form that connections take, as they stood in their files at one moment. */
export interface TlsInForce {
  /** For connections to the endpoints of a service; undefined: it has no TLS. */
  readonly service: (name: string) => SecureContext | undefined;
  /** For a listener; undefined: it has no TLS. */
  readonly listener: (listener: TlsListener) => TlsOptions | undefined;
  readonly loaded: LoadedTls;
}

/**
 * Reads what the TLS of a policy names.
 *
 * @throws PolicyError that lists what is missing, or does not fit
 */
export async function loadTlsInForce(policy: Policy): Promise<TlsInForce> {
  const loaded = await loadTls(policy);
  const contexts = new Map<TlsTexts, SecureContext>();
  return {
    loaded,
    service(name) {
      const texts = policy.services.has(name) ? loaded.services.get(name) : loaded.defaults;
      if (texts === undefined) return undefined;
      // Made once: to read all public authorities takes longer than a handshake.
      const context = contexts.get(texts) ?? createSecureContext(optionsOf(texts));
      contexts.set(texts, context);
      return context;
    },
    listener(listener) {
      const texts = loaded.listeners.get(listener);
      const tls = policy.sidecar?.[listener]?.tls;
      if (texts === undefined || tls === undefined) return undefined;
      const asks = texts.ca !== undefined;
      return { ...optionsOf(texts), minVersion: tls.minVersion, requestCert: asks, rejectUnauthorized: asks };
    },
  };
}

function optionsOf({ ca, cert, key }: TlsTexts): Pick<TlsOptions, "ca" | "cert" | "key"> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
