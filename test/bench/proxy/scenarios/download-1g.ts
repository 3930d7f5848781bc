import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { TRANSFER, transfer } from "./transfer.ts";

export const download1g: Scenario = {
  ...TRANSFER,
  mode: "http",
  name: "download-1g",
  title: "one answer of 1 GiB, to curl",
  endpoints: nginxEndpoints,
  measure: (target) => transfer(target, ["/10m"], ["/1g"], 1024),
};
