import { isIPv6 } from "node:net";
import { COLON, HEX, isDigit, PERCENT, REG_NAME } from "./byte-tables.ts";

const OPEN = 0x5b;
const CLOSE = 0x5d;
const MAX_PORT = 65_535;

/**
 * Whether the bytes are a host with or without a port, as RFC 9110 4.2 has it for http: a name, an IPv4 address or an
 * IPv6 address in brackets. No user information, no zone, no empty host; a port is at most 65535.
 */
export function isAuthority(bytes: Buffer, from: number, to: number): boolean {
  const hostTo = from < to && bytes[from] === OPEN ? behindAddress(bytes, from, to) : behindName(bytes, from, to);
  if (hostTo <= from) return false;
  return hostTo === to || (bytes[hostTo] === COLON && isPort(bytes, hostTo + 1, to));
}

/** Whether an authority names its port, with at least one digit. */
export function hasPort(bytes: Buffer, from: number, to: number): boolean {
  let at = to;
  while (at > from && isDigit(bytes[at - 1])) at--;
  return at < to && at > from && bytes[at - 1] === COLON;
}

function behindName(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    if (REG_NAME[bytes[at]!] !== 0) at++;
    else if (bytes[at] === PERCENT && at + 2 < to && HEX[bytes[at + 1]!] !== 0 && HEX[bytes[at + 2]!] !== 0) at += 3;
    else break;
  }
  return at;
}

/** Behind the bracket, or -1. */
function behindAddress(bytes: Buffer, from: number, to: number): number {
  const close = bytes.indexOf(CLOSE, from);
  if (close < 0 || close >= to) return -1;
  const address = bytes.toString("latin1", from + 1, close);
  return isIPv6(address) && !address.includes("%") ? close + 1 : -1;
}

function isPort(bytes: Buffer, from: number, to: number): boolean {
  let port = 0;
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at])) return false;
    port = port * 10 + bytes[at]! - 0x30;
    if (port > MAX_PORT) return false;
  }
  return true;
}
