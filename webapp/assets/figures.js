// Draws charts from tables: every element with data-chart="bars", "trend", "columns" or "stack" and data-table="id of
// the table".
//
// data-series names columns by their data-column, separated by spaces. The numbers are read from the cells' data-value,
// so that a chart says what its table says; times are seconds, shares parts of one. Without this script the tables
// stand alone.

import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([AriaComponent, BarChart, GridComponent, LegendComponent, LineChart, SVGRenderer, TooltipComponent]);

/** Okabe and Ito's colours, told apart with every kind of colour blindness; patterns tell them apart without any. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];
/** More bars than this cannot be read; the table has all of them. */
const MOST_BARS = 12;
const HOUR = 3600;
const DAY = 24 * HOUR;

function read(table, keys) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const columns = keys.map((key) => {
    const at = heads.findIndex((head) => head.dataset.column === key);
    const value = (row) => (row.cells[at].dataset.value === "" ? null : Number(row.cells[at].dataset.value));
    return { name: heads[at].textContent.trim(), kind: heads[at].dataset.kind, values: rows.map(value) };
  });
  return { labels: rows.map((row) => row.dataset.label), columns };
}

/** How a kind of number is scaled and named: times in days where the longest is two days or more. */
function unitOf(kind, values, words) {
  if (kind === "share") return { by: 0.01, name: "%", digits: 0 };
  if (kind === "money") return { by: 10000, name: words.money, digits: 1 };
  if (kind !== "time") return { by: 1, name: "", digits: 0 };
  const isLong = Math.max(0, ...values) >= 2 * DAY;
  return isLong ? { by: DAY, name: words.days, digits: 1 } : { by: HOUR, name: words.hours, digits: 1 };
}

function scaled(column, unit) {
  return column.values.map((value) => (value === null ? null : Number((value / unit.by).toFixed(unit.digits + 1))));
}

function written(unit) {
  const number = (value) => value.toLocaleString(undefined, { maximumFractionDigits: unit.digits });
  return (value) => (value === null || value === undefined || value === "-" ? "—" : `${number(value)} ${unit.name}`.trim());
}

/** Room for the names below a drawing: they take a second line where they don't fit into one. */
function legendRoom(element, names) {
  const wide = names.reduce((sum, name) => sum + 45 + [...name].length * 12, 0);
  return 34 + 22 * (Math.ceil(wide / Math.max(element.clientWidth, 1)) - 1);
}

const common = (body) => ({
  animation: false,
  color: COLOURS,
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
  aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
  // Drawn as part of the picture: the page's policy rightly refuses markup that a script writes.
  tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, confine: true },
  legend: { show: body.series.length > 1, bottom: 0, itemHeight: 12 },
  ...body,
});

function bars(element, { labels, columns }) {
  const count = Math.min(labels.length, MOST_BARS);
  const unit = unitOf(columns[0].kind, columns.flatMap((column) => column.values), element.dataset);
  const word = written(unit);
  element.style.height = `${count * (14 * columns.length + 14) + (columns.length > 1 ? 70 : 44)}px`;
  return common({
    grid: { left: 4, right: 56, top: 8, bottom: columns.length > 1 ? 34 : 8, containLabel: true },
    xAxis: { type: "value", minInterval: unit.digits ? 0 : 1, splitNumber: 3 },
    yAxis: {
      type: "category", inverse: true, data: labels.slice(0, count), axisTick: { show: false },
      axisLabel: { width: Math.max(90, Math.min(220, element.clientWidth * 0.36)), overflow: "truncate", color: "#24303d" },
    },
    series: columns.map((column) => ({
      name: column.name, type: "bar", barMaxWidth: 16, data: scaled(column, unit).slice(0, count),
      tooltip: { valueFormatter: word },
      label: { show: true, position: "right", color: "#24303d", formatter: ({ value }) => word(value) },
    })),
  });
}

function trend(element, { labels, columns }) {
  const times = columns.filter((column) => column.kind === "time");
  const counts = columns.filter((column) => column.kind !== "time");
  const unit = unitOf("time", times.flatMap((column) => column.values), element.dataset);
  const plain = unitOf("count", [], element.dataset);
  element.style.height = "320px";
  const axis = { type: "value", splitNumber: 4, nameTextStyle: { color: "#24303d" } };
  return common({
    grid: { left: 4, right: 8, top: 32, bottom: 34, containLabel: true },
    xAxis: { type: "category", data: labels, axisLabel: { color: "#24303d", hideOverlap: true } },
    yAxis: [
      { ...axis, name: unit.name },
      { ...axis, name: counts[0].name, position: "right", minInterval: 1, splitLine: { show: false } },
    ],
    series: [
      ...times.map((column, at) => ({
        name: column.name, type: "line", data: scaled(column, unit), tooltip: { valueFormatter: written(unit) }, z: 3,
        symbol: ["circle", "triangle"][at % 2], symbolSize: 9, lineStyle: { width: 2, type: ["solid", "dashed"][at % 2] },
      })),
      ...counts.map((column) => ({
        name: column.name, type: "bar", yAxisIndex: 1, barMaxWidth: 24, data: scaled(column, plain),
        itemStyle: { opacity: 0.45 }, tooltip: { valueFormatter: written(plain) },
      })),
    ],
  });
}

/** Upright bars over time, beside one another or on top of one another. */
function columns(element, { labels, columns: held }, stack) {
  const unit = unitOf(held[0].kind, held.flatMap((column) => column.values), element.dataset);
  element.style.height = "300px";
  return common({
    grid: {
      left: 4, right: 8, top: 32, bottom: legendRoom(element, held.map((column) => column.name)), containLabel: true,
    },
    xAxis: { type: "category", data: labels, axisLabel: { color: "#24303d", hideOverlap: true } },
    yAxis: { type: "value", name: unit.name, splitNumber: 4, nameTextStyle: { color: "#24303d", align: "left" } },
    series: held.map((column) => ({
      name: column.name, type: "bar", barMaxWidth: 24, stack, data: scaled(column, unit),
      tooltip: { valueFormatter: written(unit) },
    })),
  });
}

const stack = (element, data) => columns(element, data, "all");

const KINDS = { bars, trend, columns, stack };

function draw(element) {
  const data = read(document.getElementById(element.dataset.table), element.dataset.series.split(" "));
  if (!data.columns.some((column) => column.values.some((value) => value > 0))) return;
  element.hidden = false;
  const option = () => KINDS[element.dataset.chart](element, data);
  const made = option(); // Sets the height, too, which the library asks for when it begins.
  const chart = echarts.init(element, null, { renderer: "svg" });
  const put = (what) => {
    chart.setOption(what);
    // With its own measure the drawing can be made smaller on paper, where no script has its say.
    const drawing = element.querySelector("svg");
    drawing.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  };
  put(made);
  let width = element.clientWidth;
  new ResizeObserver(() => {
    // Paper is served by the style sheet; drawing anew while the page is printed would come too late.
    if (element.clientWidth === width || matchMedia("print").matches) return;
    width = element.clientWidth;
    const wider = option();
    chart.resize();
    put(wider);
  }).observe(element);
  element.dataset.drawn = "yes";
}

for (const element of document.querySelectorAll("[data-chart]")) draw(element);
