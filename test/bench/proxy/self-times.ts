/** What is read of a profile that V8 has written (`node --cpu-prof`). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Of the machine's monotonic clock, in microseconds, as the times of `process.hrtime`. */
  readonly startTime: number;
  /** Ids of nodes, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** The same from a moment of `startTime`'s clock on: without what came before. */
export function profileSince(profile: CpuProfile, sinceUs: number): CpuProfile {
  let atUs = profile.startTime;
  const first = profile.timeDeltas.findIndex((delta) => (atUs += delta) >= sinceUs);
  const from = first < 0 ? profile.samples.length : first;
  return { ...profile, samples: profile.samples.slice(from), timeDeltas: profile.timeDeltas.slice(from) };
}

export interface SelfTime {
  /** The function and where it is, or V8's name in brackets for what is no JavaScript. */
  readonly name: string;
  /** Of the time in which the process was not idle, 0 to 1. */
  readonly ratio: number;
}

/**
 * Time spent in each function itself, without those it calls; most first.
 *
 * @param root left out of the paths
 */
export function selfTimes(profile: CpuProfile, root: string): SelfTime[] {
  return shares(profile, ({ functionName, url, lineNumber }) => {
    if (url === "") return functionName === "" ? "(native)" : functionName;
    return `${functionName === "" ? "(anonymous)" : functionName}  ${pathOf(url, root)}:${lineNumber + 1}`;
  });
}

/** The same for each file; what has none is one row. */
export function selfTimesOfFiles(profile: CpuProfile, root: string): SelfTime[] {
  return shares(profile, ({ functionName, url }) => {
    if (url !== "") return pathOf(url, root);
    return /^\((?:garbage collector|idle|program)\)$/.test(functionName) ? functionName : "(native functions)";
  });
}

type CallFrame = CpuProfile["nodes"][number]["callFrame"];

function shares({ nodes, samples, timeDeltas }: CpuProfile, nameOf: (frame: CallFrame) => string): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const name = names.get(id) ?? "(unknown)";
    // A sample stands for the time until the next one.
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[i + 1] ?? 0));
  }
  times.delete("(idle)");
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([name, time]) => ({ name, ratio: time / all })).toSorted((a, b) => b.ratio - a.ratio);
}

function pathOf(url: string, root: string): string {
  return url.replace(/^file:\/\//, "").replace(`${root}/`, "");
}
