#!/usr/bin/env node
// Plain JavaScript without imports at the top, so that an old Node can still say what is wrong.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`weft needs Node >= 22.19, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  const { main } = await import("../dist/bundle/index.js");
  process.exitCode = await main(process.argv.slice(2));
}
