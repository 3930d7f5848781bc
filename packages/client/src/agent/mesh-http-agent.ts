import { Agent } from "node:http";
import type { Destinations } from "../service/destinations.ts";

export class MeshHttpAgent extends Agent {
  constructor(_destinations: Destinations) {
    super();
  }
}
