import { existsSync } from "node:fs";
import { Agent } from "node:http";
import type { LogLine } from "@weft/sidecar";
import { expect, onTestFinished, test } from "vitest";
import { call } from "../../sidecar/rig.ts";
import { expectAtRest } from "./at-rest.ts";
import { started } from "./started.ts";

/** Takes nothing, as a disk that is full. */
const FULL = "/dev/full";
/** So many lines of 8 KiB are more than the 1 MiB that is kept until it can be written. */
const CALLS = 200;

test.skipIf(!existsSync(FULL))(
  "a disk that is full costs lines of the access log, which are counted, and no call",
  async () => {
    const accessLog = { format: "json", to: { file: FULL } } as const;
    const told: LogLine[] = [];
    const rig = await started({ rest: { telemetry: { accessLog } }, options: { log: (line) => told.push(line) } });
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    onTestFinished(() => agent.destroy());
    const path = `/${"p".repeat(8_000)}`;
    const answers = await Promise.all(Array.from({ length: CALLS }, () => call(rig.port, path, { agent })));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const { body } = await rig.admin("/metrics");
    const dropped = Number(/^weft_access_log_lines_dropped_total (\d+)/m.exec(body)?.[1]);
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(CALLS); // what finds room is kept for a disk that is emptied
    expect(told).toEqual([
      { level: "warn", text: expect.stringMatching(/^access log \/dev\/full: ENOSPC.*: lines are kept/) },
    ]);
    await expectAtRest(rig, () => rig.endpoints.all.forEach((endpoint) => endpoint.closeIdle()));
  },
);
