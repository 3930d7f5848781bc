import type { WireHeaders } from "./received-headers.ts";

/**
 * Whether a head asks for more than passing it on: the built-in fetch then takes over.
 *
 * Redirects, a proxy's refusal (407), a connection for another host (421: fetch sends again), encoded bodies, and what
 * the constructor of `Response` would refuse: a status past 599, a reason phrase that is not plain ASCII.
 *
 * @param bodiless the response has no body whatever its headers say, so nothing is decoded
 */
export function needsFetch(status: number, headers: WireHeaders, statusText: string, bodiless: boolean): boolean {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
    case 407:
    case 421:
      return true;
    default:
      if (status > 599 || !PLAIN.test(statusText)) return true;
      return headers["content-encoding"] !== undefined && !bodiless;
  }
}

const PLAIN = /^[\t\x20-\x7e]*$/;
