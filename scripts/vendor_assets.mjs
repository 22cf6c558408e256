// Copies the locked browser assets into src/kehu/web/static/vendor: a Tabler subset, htmx, Alpine's CSP build and one
// SVG sprite with the icons named in src/kehu/web/icons.txt. Run by `npm ci && npm run vendor`; the result is committed.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { compile } from "sass";

const vendor = "src/kehu/web/static/vendor";
mkdirSync(vendor, { recursive: true });

const tabler = compile("scripts/tabler_subset.scss", {
  loadPaths: ["node_modules"],
  style: "compressed",
  quietDeps: true,
  silenceDeprecations: ["if-function", "global-builtin", "color-functions", "import"],
});
writeFileSync(`${vendor}/tabler.css`, `${tabler.css.replace(/^\uFEFF/, "")}\n`);

copyFileSync("node_modules/htmx.org/dist/htmx.min.js", `${vendor}/htmx.min.js`);
copyFileSync("node_modules/@alpinejs/csp/dist/cdn.min.js", `${vendor}/alpine-csp.min.js`);

const names = readFileSync("src/kehu/web/icons.txt", "utf8").split(/\s+/).filter(Boolean).sort();
const symbols = names.map((name) => {
  const source = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const shapes = source.replace(/<!--[\s\S]*?-->/, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
});
writeFileSync(`${vendor}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const packages = ["@tabler/core", "@tabler/icons", "htmx.org", "@alpinejs/csp"];
writeFileSync(`${vendor}/VERSIONS`, `${packages.map((name) => `${name} ${version(name)}`).join("\n")}\n`);
console.log(`${vendor}: ${names.length} icons, tabler.css ${Math.round(tabler.css.length / 1024)} KiB`);
