// Unpacks the Chromium that comes as an npm package into the folder named by TMPDIR, and prints its path.
//
// The package looks for its parts in the folder for temporary files. The libraries that a bare machine lacks are in an
// archive of their own, unpacked beside it.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import chromium, { inflate } from "@sparticuz/chromium";

const parts = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "bin");
await inflate(join(parts, "al2023.tar.br"));
console.log(await chromium.executablePath(parts));
