import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "..", "..");

interface ComposeService {
  readonly image: string;
  readonly command: string;
  readonly network_mode?: string;
  readonly depends_on?: readonly string[];
}

// The shape is what the assertions below test; a file of another shape fails them.
const { services } = parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>;
};

test("the composition has Consul, three endpoints of orders, and web", () => {
  expect(Object.keys(services)).toEqual(["consul", "orders-1", "orders-2", "orders-3", "web"]);
});

test.each(Object.entries(services))("%s names only files and services that exist", (_, service) => {
  expect(service.image).toMatch(/^[\w./-]+:[\w.-]+$/);
  const [program, file = ""] = service.command.split(" ");
  if (program === "node") expect(existsSync(join(ROOT, file)), file).toBe(true);
  else expect(service.command).toMatch(/^agent -dev /);
  for (const other of [...(service.depends_on ?? []), service.network_mode?.replace("service:", "") ?? "consul"]) {
    expect(services).toHaveProperty(other);
  }
});
