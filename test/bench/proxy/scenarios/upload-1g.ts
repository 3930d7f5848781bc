import { programEndpoints } from "../endpoints/program-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { TRANSFER, transfer, upload } from "./transfer.ts";

export const upload1g: Scenario = {
  ...TRANSFER,
  mode: "http",
  name: "upload-1g",
  title: "one request of 1 GiB, from curl",
  endpoints: () => programEndpoints("upload-endpoint.ts"),
  measure: (target, { folder }) => transfer(target, upload(folder, 10), upload(folder, 1024), 1024),
};
