import { parseArgs } from "node:util";
import { commandPeer } from "./peers/weft.ts";
import { PEERS } from "./peers.ts";
import type { Peer, Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

export interface Arguments {
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly Peer[];
  /** Names of the peers that the aims are for: `weft`, and each given as a command. */
  readonly ours: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly json: boolean;
  /** Instead of measuring: where weft's own time goes. */
  readonly profile: boolean;
}

/** @throws Error in words for the user, when a name or a number is not one that there is */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string", default: "11" },
      seconds: { type: "string", default: "1" },
      proxy: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  const given = values.proxy.map(proxyOf);
  const givenNames = given.map(({ name }) => name);
  const all = [...PEERS.filter(({ name }) => !givenNames.includes(name)), ...given];
  const wanted = values.peers === undefined ? undefined : `${values.peers},${givenNames.join(",")}`;
  return {
    scenarios: chosen("scenario", SCENARIOS, values.only),
    peers: chosen("peer", all, wanted),
    ours: [...new Set(["weft", ...givenNames])],
    rounds: count("rounds", values.rounds),
    seconds: count("seconds", values.seconds),
    json: values.json,
    profile: values.profile,
  };
}

function proxyOf(text: string): Peer {
  const [, name, command] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || command === undefined) throw new Error(`--proxy ${text}: say NAME=COMMAND`);
  return commandPeer(name, command);
}

/** Those named, in the order of `all`. */
function chosen<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  if (names === undefined) return all;
  const wanted = names.split(",").filter((name) => name !== "");
  const known = all.map(({ name }) => name);
  for (const name of wanted) {
    if (!known.includes(name)) throw new Error(`there is no ${kind} ${name}; there are ${known.join(", ")}`);
  }
  return all.filter(({ name }) => wanted.includes(name));
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}=${text}: a whole number from 1`);
  return value;
}
