// What docker-compose.yml runs before all else: copies the repository to a folder that only the containers have, and
// installs and builds it there. Once that is done, it takes seconds.
//
//   node examples/compose/setup.ts FOLDER
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { copySources } from "./copy-sources.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder to set up");
copySources(join(import.meta.dirname, "..", ".."), folder);
process.argv.length = 2; // what bootstrap.mjs would run afterwards: nothing
await import(pathToFileURL(join(folder, ".ci", "bootstrap.mjs")).href);
