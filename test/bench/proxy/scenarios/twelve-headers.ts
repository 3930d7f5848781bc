import { timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

/** What a browser and two services on the way would add. */
const HEADERS = {
  accept: "application/json, text/plain, */*",
  "accept-encoding": "gzip, deflate, br",
  "accept-language": "en-GB,en;q=0.9,de;q=0.8",
  "cache-control": "no-cache",
  cookie: "session=4f3a9be2c7d14d0b9a3c5e7f1b2d4c6a; theme=dark; consent=1",
  origin: "http://shop.example",
  referer: "http://shop.example/orders/7",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "x-forwarded-for": "203.0.113.9, 10.0.0.4",
  "x-forwarded-proto": "https",
  "x-request-id": "0b9f6c1e-5a1d-4c53-9d3e-2f7b8a6c4d10",
  "x-tenant": "green-grocers",
};

export const twelveHeaders: Scenario = requestCost({
  name: "12-headers",
  title: "GET 1 KiB with 12 more headers, 64 connections",
  path: "/1k",
  connections: 64,
  headers: HEADERS,
  aims: [timesHaproxy("cpuUs", 1.35)],
});
