import { h2Endpoints } from "../endpoints/h2-endpoints.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { TRANSFER, transfer, upload } from "./transfer.ts";

const HTTP2 = "--http2-prior-knowledge";

export const h2Download100m: Scenario = {
  ...TRANSFER,
  mode: "http2",
  name: "h2-download-100m",
  title: "HTTP/2: one answer of 100 MiB, to curl",
  endpoints: (bench) => nginxEndpoints(bench, "http2"),
  measure: (target) => transfer(target, [HTTP2, "/10m"], [HTTP2, "/100m"], 100),
};

export const h2Upload100m: Scenario = {
  ...TRANSFER,
  mode: "http2",
  name: "h2-upload-100m",
  title: "HTTP/2: one request of 100 MiB, from curl",
  endpoints: () => h2Endpoints("take"),
  measure: (target, { folder }) =>
    transfer(target, [HTTP2, ...upload(folder, 10)], [HTTP2, ...upload(folder, 100)], 100),
};
