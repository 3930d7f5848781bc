import { BREAKER_DEFAULTS, MeshError } from "@weft/core";

/** When the circuit opens and for how long, by opossum's own names. What is not here is not taken: see `REFUSED`. */
export interface OpossumSettings {
  /** Opens when more than this share of the window's calls failed, in percent, 0 to 100. Default 50 (opossum). */
  readonly errorThresholdPercentage?: number;
  /**
   * Calls the window must hold before the circuit may open, >= 0. Default 20 as weft's own breaker; opossum's 0 would
   * open on the first failure of a quiet service.
   */
  readonly volumeThreshold?: number;
  /** How long the circuit stays open, in ms, > 0, on the process's timers. Default 30,000 (opossum). */
  readonly resetTimeout?: number;
  /** How far back calls count, in ms on the mesh's clock, > 0. Default 10,000 (opossum). */
  readonly rollingCountTimeout?: number;
  /** Parts of that window: what falls out of it does so a part at a time. 1 to 1000. Default 10 (opossum). */
  readonly rollingCountBuckets?: number;
  /** Name in opossum's own metrics. Default: the service's. */
  readonly name?: string;
}

export type KnownSettings = Required<OpossumSettings>;

/**
 * Fills in the defaults.
 *
 * @throws MeshError BAD_CONFIG with every mistake: values out of range, and opossum options that do harm in a mesh
 */
export function parseSettings(service: string, settings: OpossumSettings): KnownSettings {
  const odd = oddity(settings);
  if (odd !== undefined) throw new MeshError("BAD_CONFIG", `opossum breaker: ${odd}`, { service });
  const known: KnownSettings = {
    errorThresholdPercentage: settings.errorThresholdPercentage ?? BREAKER_DEFAULTS.failureRatio * 100,
    volumeThreshold: settings.volumeThreshold ?? BREAKER_DEFAULTS.minimumCalls,
    resetTimeout: settings.resetTimeout ?? 30_000,
    rollingCountTimeout: settings.rollingCountTimeout ?? BREAKER_DEFAULTS.windowMs,
    rollingCountBuckets: settings.rollingCountBuckets ?? 10,
    name: settings.name ?? service,
  };
  const mistakes = [
    ...outside("errorThresholdPercentage", known.errorThresholdPercentage, 0, 100),
    ...outside("volumeThreshold", known.volumeThreshold, 0, 1e9, Number.isInteger),
    ...outside("resetTimeout", known.resetTimeout, 1, 2 ** 31 - 1),
    ...outside("rollingCountTimeout", known.rollingCountTimeout, 1, 2 ** 31 - 1),
    ...outside("rollingCountBuckets", known.rollingCountBuckets, 1, 1000, Number.isInteger),
    ...Object.keys(settings)
      .filter((name) => !(name in known))
      .map((name) => `${name} is not taken: ${REFUSED[name] ?? "it is no option of this breaker"}`),
  ];
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", `opossum breaker: ${mistakes.join("; ")}`, { service });
  return known;
}

/** Options of opossum that are not taken, and what to use instead. Each stands in docs/opossum.md with its test. */
const REFUSED: Readonly<Record<string, string>> = {
  timeout: "one late call would abort all; use timeout.attempt of the policy",
  abortController: "it is shared by all calls; each weft call has its own signal",
  autoRenewAbortController: "it is shared by all calls; each weft call has its own signal",
  capacity: "a refusal would count as a failure and open the circuit; use limits.calls of the policy",
  cache: "it would answer one call with another's response",
  coalesce: "it would answer one call with another's response",
  errorFilter: "a filtered error would count as a success; weft's outcome decides",
  rotateBucketController: "the window turns on the mesh's clock",
  rollingPercentilesEnabled: "they make each failure cost as much as the window is long",
  enableSnapshots: "they cost a timer for each breaker; weft's events and metrics tell the same",
};

/** What is no settings at all, in words; undefined: it is an object of them. */
function oddity(settings: unknown): string | undefined {
  if (typeof settings !== "object" || settings === null)
    return `${String(settings)} is neither settings nor { breaker }`;
  if ("fire" in settings) return "a circuit of one's own is handed in as { breaker: circuit }";
  return undefined;
}

function outside(
  name: string,
  value: number,
  least: number,
  most: number,
  fits: (value: number) => boolean = Number.isFinite,
): string[] {
  return fits(value) && value >= least && value <= most ? [] : [`${name}: ${value} is not in ${least}..${most}`];
}
