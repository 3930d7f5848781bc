import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

/** As a database driver talks: small messages both ways on connections that stay. */
export const tcp1k: Scenario = requestCost({
  name: "tcp-1k",
  title: "TCP listener: 1 KiB answers on 64 connections",
  mode: "tcp",
  path: "/1k",
  connections: 64,
  aims: [],
});
