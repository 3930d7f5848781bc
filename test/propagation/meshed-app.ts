// A service that calls through a mesh with telemetry, and copies no header, run in a process of its own.
import { createMesh } from "@weft/client";
import { startTelemetry } from "@weft/telemetry";
import { askingService } from "./servers.ts";

const { ORDERS = "" } = process.env;

const telemetry = await startTelemetry({ serviceName: "web", otlp: { url: "http://127.0.0.1:9" }, register: false });
const mesh = createMesh({ registry: { orders: [new URL(ORDERS).host] }, telemetry });
const service = await askingService(async () => (await mesh.fetch("http://orders/")).text());
process.stdout.write(`${service.port}\n`);
