import { expect, onTestFinished, test } from "vitest";
import { FakeAgent } from "../consul/fake-agent.suite.ts";
import { register } from "./register.ts";

test("a page that answers a registration with 200 is not taken for Consul", async () => {
  const agent = await FakeAgent.start([]);
  onTestFinished(() => agent.close());
  agent.lie((_request, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>welcome</html>"),
  );
  const problems: string[] = [];
  const onNotice = ({ problem }: { problem: string }): void => void problems.push(problem);
  const registration = register({ url: agent.url, name: "orders", port: 80, onNotice });
  onTestFinished(() => registration.close({ drainMs: 0 }));
  await expect.poll(() => problems).toEqual([`not registered: an answer that is not Consul's: "<html>welcome</html>"`]);
  agent.lie((_request, response) => response.end());
  await registration.ready();
});
