// Bundles what the pages need into webapp/static/dist: app.css, app.js, diagram.js, diagram.css, figures.js,
// icons.svg.
//
// Every file carries a fingerprint in its name, so that a browser may keep it for ever; manifest.json says which
// fingerprint is the current one. Styles and scripts of our own stand in webapp/static/css and webapp/static/js and
// are bundled in the order of their names. Of the thousands of icons only those that a template names are kept.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const webapp = dirname(here);
const dist = join(webapp, "static", "dist");

/** Files with one of the endings below a folder, sorted, without what is built or installed. */
function filesBelow(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .filter((name) => !/(^|\/)(dist|node_modules)\//.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** An entry that imports a package's files first and our own after them. */
function entry(name, loader, packages, own) {
  const statement = (path) => (loader === "css" ? `@import ${JSON.stringify(path)};` : `import ${JSON.stringify(path)};`);
  return { name, loader, contents: [...packages, ...own].map(statement).join("\n") };
}

const entries = [
  entry("app", "css", ["@tabler/core/dist/css/tabler.min.css"], filesBelow(join(webapp, "static", "css"), [".css"])),
  entry("app", "js", [join(here, "app.js")], filesBelow(join(webapp, "static", "js"), [".js"])),
  entry("diagram", "js", [join(here, "diagram.js")], []),
  entry("diagram", "css", [join(here, "diagram.css")], []),
  entry("figures", "js", [join(here, "figures.js")], []),
];

async function bundle({ name, loader, contents }) {
  const result = await build({
    stdin: { contents, loader, resolveDir: here, sourcefile: `${name}-entry.${loader}` },
    bundle: true,
    minify: true,
    write: false,
    outdir: dist,
    assetNames: "[name]-[hash]",
    loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "file" },
    publicPath: "/static/dist",
    target: ["es2020", "chrome100", "firefox100", "safari15"],
    format: loader === "js" ? "iife" : undefined,
    legalComments: "none",
    logLevel: "warning",
  });
  return result.outputFiles.map((file) => {
    const isEntry = basename(file.path).startsWith("stdin.");
    return { name: isEntry ? `${name}.${loader}` : basename(file.path), contents: file.contents, isEntry };
  });
}

/** The icons that templates and code ask for by icon("name"). */
function iconsInUse() {
  const names = new Set();
  for (const file of filesBelow(webapp, [".html", ".py"])) {
    for (const [, name] of readFileSync(file, "utf8").matchAll(/\bicon\(\s*["']([a-z0-9-]+)["']/g)) names.add(name);
  }
  return [...names].sort();
}

function sprite(names) {
  const symbols = names.map((name) => {
    const [kind, file] = name.endsWith("-filled") ? ["filled", name.slice(0, -"-filled".length)] : ["outline", name];
    const path = join(here, "node_modules", "@tabler", "icons", "icons", kind, `${file}.svg`);
    if (!existsSync(path)) throw new Error(`There is no icon named ${name}.`);
    const inner = readFileSync(path, "utf8").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

const outputs = (await Promise.all(entries.map(bundle))).flat();
outputs.push({ name: "icons.svg", contents: Buffer.from(sprite(iconsInUse())), isEntry: true });

mkdirSync(dist, { recursive: true });
const manifest = {};
const kept = new Set(["manifest.json", "built"]);
for (const { name, contents, isEntry } of outputs) {
  const fingerprint = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  const stored = isEntry ? name.replace(/(\.[a-z]+)$/, `-${fingerprint}$1`) : name;
  if (isEntry) manifest[name] = stored;
  kept.add(stored);
  writeFileSync(join(dist, stored), contents);
}
writeFileSync(join(dist, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
renameSync(join(dist, "manifest.json.new"), join(dist, "manifest.json"));
for (const name of readdirSync(dist)) if (!kept.has(name)) rmSync(join(dist, name), { recursive: true });
