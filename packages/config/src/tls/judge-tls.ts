import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { placeName, type TlsFault, type TlsPlaces, type TlsTexts } from "./tls-texts.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/**
 * What is wrong with certificates and keys that could be read: that they are none, that they do not fit, that their time
 * is over. The last is a warning, for whoever checks them may not care, and clocks differ.
 *
 * @param texts what could be read; what could not is undefined and is passed over
 * @param epochMs wall clock, ms since 1970
 */
export function judgeTls(texts: TlsTexts, places: TlsPlaces, epochMs: number): readonly TlsFault[] {
  const faults: TlsFault[] = [];
  const say = (field: keyof TlsPlaces, severity: TlsFault["severity"], what: string): void => {
    faults.push({ field, severity, message: `${placeName(places[field] ?? "")} ${what}` });
  };

  const certificatesOf = (field: "ca" | "cert"): readonly X509Certificate[] => {
    const text = texts[field];
    if (text === undefined) return [];
    const certificates: X509Certificate[] = [];
    const blocks = text.match(CERTIFICATE) ?? [];
    if (blocks.length === 0) say(field, "error", "holds no certificate in PEM, -----BEGIN CERTIFICATE-----");
    for (const [i, block] of blocks.entries()) {
      try {
        certificates.push(new X509Certificate(block));
      } catch (error) {
        say(field, "error", `holds something else than a certificate as its number ${i + 1}: ${wordsOf(error)}`);
      }
    }
    for (const certificate of certificates) {
      const when = outOfTime(certificate, epochMs);
      if (when !== undefined) say(field, "warning", `${nameOf(certificate)} ${when}: whoever checks it refuses it`);
    }
    return certificates;
  };

  const keyOf = (text: string | undefined): KeyObject | undefined => {
    if (text === undefined) return undefined;
    try {
      return createPrivateKey(text);
    } catch {
      const why = ENCRYPTED.test(text)
        ? "is encrypted, and there is nobody to ask for its passphrase: store it decrypted, for this user only"
        : "holds no private key in PEM, -----BEGIN PRIVATE KEY-----";
      say("key", "error", why);
      return undefined;
    }
  };

  certificatesOf("ca");
  const [own] = certificatesOf("cert");
  const key = keyOf(texts.key);
  if (own !== undefined && key !== undefined && !own.checkPrivateKey(key))
    say("key", "error", `is not the key of ${nameOf(own)}, the first certificate in ${placeName(places.cert ?? "")}`);
  const refused = faults.some(({ severity }) => severity === "error") ? undefined : whyUnusable(texts);
  if (refused !== undefined) say(texts.cert === undefined ? "ca" : "cert", "error", `cannot be used: ${refused}`);
  return faults;
}

/** What OpenSSL says of those that are well formed, such as of a key that is too short; undefined: nothing. */
function whyUnusable({ ca, cert, key }: TlsTexts): string | undefined {
  try {
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

function outOfTime({ validFromDate, validToDate }: X509Certificate, epochMs: number): string | undefined {
  if (epochMs > validToDate.getTime()) return `expired on ${validToDate.toISOString()}`;
  if (epochMs < validFromDate.getTime()) return `is not valid before ${validFromDate.toISOString()}`;
  return undefined;
}

/** By its subject, on one line. */
function nameOf({ subject }: X509Certificate): string {
  return `(${subject.replaceAll("\n", ", ").slice(0, 100)})`;
}

/** OpenSSL's own words without its numbers: `error:0900006e:PEM routines::no start line` says the last part. */
function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^error:[0-9A-Fa-f]+:/, "");
}
