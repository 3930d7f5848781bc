import type { Scenario } from "./scenario.ts";
import { close } from "./scenarios/close.ts";
import { get100k } from "./scenarios/get-100k.ts";
import { get1k64 } from "./scenarios/get-1k-64.ts";
import { oneConnection } from "./scenarios/one-connection.ts";
import { post4k } from "./scenarios/post-4k.ts";
import { twelveHeaders } from "./scenarios/twelve-headers.ts";

/** Every scenario, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [get1k64, oneConnection, post4k, twelveHeaders, get100k, close];
