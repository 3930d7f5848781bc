import { readFile, stat } from "node:fs/promises";
import type { Secret } from "../input/units.ts";
import { whyUnreadable } from "../load/why-unreadable.ts";

/** What a policy's TLS names: certificates, keys and authorities, in PEM. */
export interface TlsTexts {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Where each of them is. Both kinds of TLS in a policy are of this form. */
export interface TlsPlaces {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
}

/** Something wrong with one of them. */
export interface TlsFault {
  readonly field: keyof TlsPlaces;
  readonly severity: "error" | "warning";
  /** Where it is, in the words of `placeName`, and what is wrong. Never a part of a key. */
  readonly message: string;
}

/** Of a bundle of all public authorities, some 250 KiB, and much room. */
const LARGEST_PEM = 4 * 1024 ** 2;

/** The path of a file in quotes, or the name of a variable. */
export function placeName(place: string | Secret): string {
  if (typeof place === "string") return JSON.stringify(place);
  return "file" in place ? JSON.stringify(place.file) : `environment variable ${place.env}`;
}

/** Reads what is named. What cannot be read is undefined, and a fault. */
export async function readTexts(places: TlsPlaces): Promise<{ texts: TlsTexts; faults: readonly TlsFault[] }> {
  const faults: TlsFault[] = [];
  const read = async (field: keyof TlsPlaces, allowed: string): Promise<string | undefined> => {
    const place = places[field];
    if (place === undefined) return undefined;
    try {
      return await textAt(place);
    } catch (error) {
      const message = `${placeName(place)} cannot be read: ${whyUnreadable(error)}; it must hold ${allowed} in PEM`;
      faults.push({ field, severity: "error", message });
      return undefined;
    }
  };
  const texts = {
    ca: await read("ca", "one or more certificates"),
    cert: await read("cert", "a certificate"),
    key: await read("key", "a private key"),
  };
  return { texts, faults };
}

async function textAt(place: string | Secret): Promise<string> {
  if (typeof place !== "string" && "env" in place) {
    const value = process.env[place.env];
    if (value === undefined || value === "") throw new Error("it is not set, or empty");
    return value;
  }
  const file = typeof place === "string" ? place : place.file;
  // Looked at first, for a pipe may never say anything, and a device may never stop.
  const found = await stat(file);
  if (!found.isFile()) throw new Error("it is not a file");
  if (found.size > LARGEST_PEM) throw new Error(`it has ${found.size} bytes, which no certificate needs`);
  return readFile(file, "utf8");
}
