import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import { mostDescriptors, openDescriptors } from "./descriptors.ts";

/** How the process itself is doing. */
export interface ProcessStats {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** In the process's own code, and in the kernel for it, since the start. */
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  /** Files and sockets, now and at most. Undefined where the system does not say. */
  readonly openDescriptors: number | undefined;
  readonly mostDescriptors: number | undefined;
  readonly startedEpochSeconds: number;
  readonly uptimeSeconds: number;
  /** How late timers ran since the reading before; 0 where none was late. */
  readonly lagP99Seconds: number;
  readonly lagMaxSeconds: number;
  /** Share of the time since the reading before in which the event loop had something to do, 0..1. */
  readonly busyRatio: number;
}

export interface ProcessMeter {
  read(): ProcessStats;
  /** Stops measuring. */
  close(): void;
}

/**
 * Between two looks at how late a timer is, in ms: what is measured is this much and the delay. Does not keep the process
 * alive. A loop that stands still for longer is always seen. Each look wakes a process that has nothing else to do
 * (docs/performance.md, "A sidecar with little to do").
 */
const RESOLUTION_MS = 100;

export function processMeter(): ProcessMeter {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const most = mostDescriptors();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  const lagSeconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) / 1_000;
  return {
    read() {
      const { rss, heapUsed, heapTotal } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const now = performance.eventLoopUtilization();
      const stats = {
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        cpuUserSeconds: user / 1e6,
        cpuSystemSeconds: system / 1e6,
        openDescriptors: openDescriptors(),
        mostDescriptors: most,
        startedEpochSeconds: performance.timeOrigin / 1_000,
        uptimeSeconds: performance.now() / 1_000,
        lagP99Seconds: lagSeconds(delay.percentile(99)),
        lagMaxSeconds: lagSeconds(delay.max),
        busyRatio: performance.eventLoopUtilization(now, before).utilization,
      };
      delay.reset();
      before = now;
      return stats;
    },
    close: () => void delay.disable(),
  };
}
