import { describe, expect, test } from "vitest";
import { testBrowser } from "../real/real-chromium.ts";
import { eventually, fakeAdmin, open, rowsOf } from "./stage.ts";

const real = testBrowser();

describe.skipIf(real.missing)(`a sidecar that does not answer as it should${real.why}`, { timeout: 90_000 }, () => {
  test("says that it is slow, and never has two questions under way", async () => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 3));
    const { page, wrongs } = await open(real.browser, admin.url);
    await page.getByText("Live", { exact: true }).waitFor();
    admin.mood = { kind: "late", ms: 2_500 };
    await page.getByText(/^Slow: waiting for .+, picture of .+ ago$/).waitFor();
    // Whoever is impatient makes it no worse.
    for (let turn = 0; turn < 10; turn++) await page.getByLabel("Out of traffic").click();
    expect(await rowsOf(page, "services")).toHaveLength(1);
    admin.mood = { kind: "well" };
    await page.getByText("Live", { exact: true }).waitFor();
    expect(admin.mostAtOnce).toBe(1);
    expect(wrongs).toEqual([]);
  });

  test("keeps the last picture when it dies, says how old it is, and goes on by itself when it is back", async () => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 3));
    const { page, wrongs } = await open(real.browser, admin.url);
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(3);
    await admin.stop();
    const notice = page.getByRole("alert").getByText("No answer from the sidecar: it cannot be reached");
    await notice.waitFor();
    await page.getByText(/^No answer, picture of .+ ago$/).waitFor();
    expect(await rowsOf(page, "services")).toHaveLength(1);
    expect(await rowsOf(page, "endpoints")).toHaveLength(3);
    admin.mesh.process.pid++; // another process on the same port
    admin.mesh.add("stock", 1);
    await admin.start();
    await page.getByText("Live", { exact: true }).waitFor();
    await notice.waitFor({ state: "hidden" });
    expect(await rowsOf(page, "services")).toHaveLength(2);
    expect(wrongs).toEqual([]);
  });

  test("tries again at once when it is told to", async () => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 3));
    const { page } = await open(real.browser, admin.url);
    await page.getByText("Live", { exact: true }).waitFor();
    admin.mood = { kind: "says", text: `{"detail":"too busy"}`, status: 503 };
    await page.getByText("No answer from the sidecar: too busy.").waitFor();
    // From the fourth failure on it waits for eight seconds.
    const before = admin.asked.length;
    await eventually(() => admin.asked.length).toBeGreaterThan(before + 2);
    admin.mood = { kind: "well" };
    await page.getByRole("button", { name: "Try now" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
  });

  test.each([
    { of: "no JSON", text: "<html>hello</html>", said: "its answer is no JSON" },
    { of: "another form", text: `{"services":[{"name":1}]}`, said: "is not what this page can read" },
    {
      of: "nearly right",
      text: `{"atMs":1,"process":{},"policy":{},"latencyBoundsMs":[],"answerBoundsMs":[],"services":[{"name":"a","discovery":{},"typicalMs":1,"calls":{},"connections":{},"members":{},"counted":{"calls":1,"ended":1,"latency":["x"]},"breaker":7}]}`,
      said: "",
    },
    { of: "null", text: "null", said: "is not what this page can read" },
    { of: "nothing", text: "", said: "its answer is no JSON" },
  ])("says so when what comes is $of", async ({ text, said }) => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 3));
    admin.mood = { kind: "says", text };
    const { page, wrongs } = await open(real.browser, admin.url);
    await page.getByText(new RegExp(`^No answer from the sidecar: .*${said}.*Nothing is known yet`)).waitFor();
    admin.mood = { kind: "well" };
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(3);
    expect(wrongs).toEqual([]);
  });

  test("takes half an answer for none, and silence after five seconds", async () => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 3));
    admin.mood = { kind: "half" };
    const { page } = await open(real.browser, admin.url);
    await page.getByText("No answer from the sidecar: it cannot be reached").waitFor();
    admin.mood = { kind: "mute" };
    await page.getByText("No answer from the sidecar: it did not answer within 5 s").waitFor();
    expect(admin.mostAtOnce).toBe(1);
  });

  test("asks nothing while it is paused, and says how old the picture is", async () => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 3));
    const { page } = await open(real.browser, admin.url);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.keyboard.press("p");
    await page.getByText(/^Paused, picture of .+ ago$/).waitFor();
    // What was asked just before has come by then.
    await page.getByText(/^Paused, picture of ([2-9]\.\d|\d\d) s ago$/).waitFor();
    const asked = admin.asked.length;
    await page.getByText(/^Paused, picture of ([6-9]\.\d|\d\d) s ago$/).waitFor();
    expect(admin.asked.length).toBe(asked);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
  });

  test("says why the newest policy was not taken, and what a sidecar that starts waits for", async () => {
    const admin = await fakeAdmin((mesh) => {
      mesh.refused = "policy.yaml:4: services.orders.retry.maxRetries: -1 is not in 0..10";
      mesh.process.state = "starting";
      mesh.process.reasons = ["service orders: consul has not answered yet"];
    });
    const { page } = await open(real.browser, admin.url);
    await page.getByText("-1 is not in 0..10").waitFor();
    await page.getByText("service orders: consul has not answered yet").waitFor();
    await page.getByText("No service yet").waitFor();
  });
});
