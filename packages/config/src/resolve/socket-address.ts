import type { ListenAddress } from "../input/units.ts";
import type { SocketAddress } from "./sidecar-policy.ts";

/** A written address in its two halves, or the path of its socket. Brackets of an IPv6 host are taken off. */
export function socketAddress(written: ListenAddress): SocketAddress {
  if (/^unix:\D/.test(written)) return { path: written.slice("unix:".length) };
  const colon = written.lastIndexOf(":");
  return { host: written.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: Number(written.slice(colon + 1)) };
}

/** `127.0.0.1:80`, `[::1]:80` or `unix:/run/weft.sock`: what `socketAddress` reads. */
export function addressText(address: SocketAddress): string {
  if ("path" in address) return `unix:${address.path}`;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Whether only this machine can reach it. */
export function isLocal(address: SocketAddress): boolean {
  return "path" in address || /^(127(\.\d{1,3}){3}|::1|localhost)$/i.test(address.host);
}

/** Whether every address of the machine is meant. */
export function isEveryHost({ host }: { readonly host: string }): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** Whether both cannot be listened on, or a connection to one may come out at the other. */
export function overlap(a: SocketAddress, b: SocketAddress): boolean {
  if ("path" in a || "path" in b) return "path" in a && "path" in b && a.path === b.path;
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || isEveryHost(a) || isEveryHost(b) || (isLocal(a) && isLocal(b) && named(a, b));
}

/** `localhost` may be either loopback address. */
function named(a: { readonly host: string }, b: { readonly host: string }): boolean {
  return a.host === "localhost" || b.host === "localhost";
}
