import { h2load } from "../clients/h2load.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

/** The first load again from another client, so that no figure is a trait of wrk. */
export const h2load1k64: Scenario = requestCost({
  name: "h2load-1k-64",
  title: "GET 1 KiB, 64 connections, from h2load over HTTP/1.1",
  client: h2load,
  path: "/1k",
  connections: 64,
  aims: [],
});
