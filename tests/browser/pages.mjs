// Pages of a finished run in a real browser: `node tests/browser/pages.mjs results`.
//
// Each page is opened narrow and wide, in light and dark. It must log no error, ask for nothing
// beside itself, have no violation that axe finds, be no wider than the window, and let the keyboard
// reach every link and every region that scrolls. Each number must be the row that it names.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const results = resolve(process.argv[2] ?? "results");
const widths = [320, 1280];
const schemes = ["light", "dark"];

/** The rows of an estimates file by their name. */
function estimates(file) {
  const [head, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const columns = head.split(",");
  return new Map(
    lines.map((line) => {
      // Notes, the last column, may hold commas and quotes; no other column does.
      const cells = line.split(",");
      return [cells[0], Object.fromEntries(columns.map((name, i) => [name, cells[i]]))];
    }),
  );
}

const NUMBERS = ["estimate", "conf_low", "conf_high", "p_value", "n", "events", "person_years", "df"];

/** Whether a printed text holds the row's number, rounded to as many digits as it shows. */
function shows(text, row, names = NUMBERS) {
  const plain = text.replaceAll("\u2212", "-").replaceAll("\u202f", "");
  const printed = plain.match(/-?\d+(?:\.\d+)?/g) ?? [];
  const values = names.filter((name) => row[name] !== "").map((name) => Number(row[name]));
  return printed.every((number) => {
    const half = 0.5000001 * 10 ** -(number.split(".")[1] ?? "").length;
    const known = values.flatMap((value) => [value, 100 * value]);
    return known.some((value) => Math.abs(value - Number(number)) <= half) || text.startsWith("<");
  });
}

async function opened(browser, file, width, scheme, problems) {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (url !== pathToFileURL(file).href && !url.startsWith("data:")) problems.push(`asks ${url}`);
  });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  return page;
}

async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(
    (violation) =>
      `axe ${violation.id}: ${violation.help}: ${violation.nodes.length} times, first ` +
      violation.nodes[0].html.slice(0, 160),
  );
}

/** Links and scrolling regions that the tabulator key does not reach, in the order of the page. */
async function unreached(page) {
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], summary, [tabindex='0']")];
    all.forEach((element, i) => element.setAttribute("data-stop", i));
    return all.length;
  });
  const seen = new Set();
  await page.evaluate(() => document.body.focus());
  for (let i = 0; i < wanted; i += 1) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement.getAttribute("data-stop")));
  }
  seen.delete(null);
  return wanted - seen.size;
}

/** Regions that scroll sideways and cannot take the focus; pages wider than the window. */
function tooWide(page) {
  return page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      const widest = [...document.querySelectorAll("body *")]
        .filter((element) => !element.closest(".scroll"))
        .reduce((a, b) => (b.getBoundingClientRect().right > a.getBoundingClientRect().right ? b : a));
      found.push(`the page is ${root.scrollWidth} px wide, by ${widest.outerHTML.slice(0, 160)}`);
    }
    for (const element of document.querySelectorAll("body *")) {
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
      if (scrolls && element.scrollWidth > element.clientWidth && element.tabIndex < 0)
        found.push(`${element.tagName} scrolls and takes no focus`);
    }
    return found;
  });
}

async function numbers(page, file) {
  const rows = estimates(file);
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("[data-result-id]")].map((element) => [
      element.getAttribute("data-result-id"),
      element.textContent,
      document.getElementById(element.getAttribute("href").slice(1)) !== null,
    ]),
  );
  if (shown.length === 0) return ["no number carries a result_id"];
  return shown.flatMap(([id, text, leads]) => {
    if (!rows.has(id)) return [`${id} is not in ${file}`];
    if (id.startsWith("published/printed/")) return []; // what the paper prints, as it prints it
    if (!leads) return [`${id} leads nowhere`];
    return shows(text, rows.get(id)) ? [] : [`'${text}' is not ${id}`];
  });
}

/** The cells of a CSV file, line by line; quoted ones may hold commas, quotes and line ends. */
function parsed(text) {
  const lines = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    lines.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") lines.push([]);
  }
  return lines.slice(0, -1);
}

/** Numbers of a page of changes that are not in their row of the table of changes. */
async function changed(page, file) {
  const [head, ...lines] = parsed(readFileSync(file, "utf8"));
  const rows = new Map(lines.map((cells) => [cells[0], cells.slice(head.indexOf("item") + 1)]));
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("[data-change-id]")].map((element) => [
      element.getAttribute("data-change-id"),
      element.textContent,
    ]),
  );
  return shown.flatMap(([id, text]) => {
    if (!rows.has(id)) return [`${id} is not in ${file}`];
    const cells = rows.get(id);
    if (cells.includes(text) || !/\d/.test(text)) return [];
    const row = Object.fromEntries(cells.map((cell, i) => [i, cell]));
    return shows(text, row, Object.keys(row)) ? [] : [`'${text}' is not ${id}`];
  });
}

const cohorts = readdirSync(results).filter((name) => existsSync(join(results, name, "report.html")));
const pages = [
  ...readdirSync(results).filter((name) => /^index.*\.html$/.test(name)),
  ...cohorts.map((name) => join(name, "report.html")),
  ...cohorts.map((name) => join(name, "changes.html")),
];
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
let failed = pages.length === 0;
for (const name of pages) {
  const file = join(results, name);
  const problems = [];
  for (const width of widths) {
    for (const scheme of schemes) {
      const found = [];
      const page = await opened(browser, file, width, scheme, found);
      found.push(...(await violations(page)), ...(await tooWide(page)));
      if (width === widths[0] && scheme === schemes[0]) {
        const lost = await unreached(page);
        if (lost) found.push(`${lost} links or regions are not reached by the keyboard`);
        if (name.endsWith("changes.html")) {
          found.push(...(await changed(page, join(file, "..", "changes.csv"))));
        }
        if (name.endsWith("report.html")) {
          found.push(...(await numbers(page, join(file, "..", "estimates.csv"))));
        }
      }
      await page.close();
      problems.push(...found.map((problem) => `${width} px, ${scheme}: ${problem}`));
    }
  }
  console.log(`${name}: ${problems.length ? "" : "no problem"}`);
  problems.slice(0, 40).forEach((problem) => console.log(`  ${problem}`));
  failed ||= problems.length > 0;
}
await browser.close();
process.exit(failed ? 1 : 0);
