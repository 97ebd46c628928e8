// Draws the charts of a page, each from the block of data beside its table, in the page's colours.
// Whoever reads without this script has the table.
"use strict";

(() => {
  const shapes = window.chartShapes;
  const PRINT_PX = 640; // what a sheet of A4 has room for
  const drawn = new Map(); // figure -> its chart
  const language = document.documentElement.lang;

  function palette() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      main: colour("accent"),
      second: colour("second"),
      text: colour("text"),
      quiet: colour("quiet"),
      line: colour("line"),
      card: colour("card"),
      font: getComputedStyle(document.body).fontFamily,
    };
  }

  function said(data, at) {
    if (data.kind === "heat") {
      const [row, column] = [Math.floor(at / data.columns.length), at % data.columns.length];
      const point = data.cells[row][column];
      return `${data.rows[row]} ${data.columns[column]}\n${point ? point[0] : "–"}`;
    }
    const noted = data.marks.filter((mark) => mark.at === at).map((mark) => mark.text);
    const has = data.series.filter((series) => series.points[at]);
    const isOne = data.series.length === 1;
    const figures = has.map(({ name, points }) => `${isOne ? "" : `${name}: `}${points[at][0]}`);
    return [data.labels[at], ...figures, ...noted].join("\n");
  }

  function options(data, colours) {
    const isHeat = data.kind === "heat";
    const isLying = data.kind === "bars";
    const words = { color: colours.quiet, fontSize: 11, hideOverlap: true };
    const names = {
      type: "category",
      data: isHeat ? data.columns : data.ticks,
      inverse: isLying,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.quiet } },
      axisLabel: { ...words, ...(isLying && { interval: 0, width: 120, overflow: "truncate" }) },
    };
    const values = isHeat
      ? { ...names, data: data.rows, inverse: true }
      : {
          type: "value",
          min: 0,
          splitNumber: 3,
          axisLabel: { ...words, formatter: (value) => value.toLocaleString(language) + data.axis },
          splitLine: { lineStyle: { color: colours.line, type: "dashed" } },
        };
    const shape = isHeat ? shapes.heat : data.kind === "lines" ? shapes.lines : shapes.columns;
    const series = shape(data, colours, isLying);
    return {
      animation: false,
      textStyle: { fontFamily: colours.font },
      grid: {
        left: 4, right: 8, top: 14, bottom: 4,
        outerBoundsMode: "same", outerBoundsContain: "axisLabel",
      },
      xAxis: isLying ? values : names,
      yAxis: isLying ? names : values,
      tooltip: {
        trigger: isHeat ? "item" : "axis",
        renderMode: "richText", // no style of its own in the page, which its policy forbids
        confine: true,
        backgroundColor: colours.card,
        borderColor: colours.line,
        textStyle: { color: colours.text, fontSize: 12 },
        axisPointer: { type: "line", lineStyle: { color: colours.quiet, type: "dotted" } },
        formatter: (found) => said(data, (Array.isArray(found) ? found[0] : found).dataIndex),
      },
      series: data.marks?.length ? [...series, shapes.marks(data, colours)] : series,
    };
  }

  function heightOf(data) {
    if (data.kind === "heat") return 28 * data.rows.length + 34;
    return data.kind === "bars" ? 22 * data.series.length * data.labels.length + 44 : 220;
  }

  // Arrows go from figure to figure, which is shown and said aloud.
  function listen(figure, place, data, chart) {
    const spoken = figure.querySelector("[aria-live]");
    const across = data.kind === "heat" ? data.columns.length : 1;
    const count = data.kind === "heat" ? data.cells.length * across : data.labels.length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
    let at = null;
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape") chart.dispatchAction({ type: "hideTip" });
      const step = { ...steps, Home: -count, End: count }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      at = at === null ? 0 : Math.min(Math.max(at + step, 0), count - 1);
      const spot = data.kind === "heat" ? [at % across, Math.floor(at / across)]
        : data.kind === "bars" ? [0, at] : [at, 0];
      const [x, y] = chart.convertToPixel({ gridIndex: 0 }, spot);
      chart.dispatchAction({ type: "showTip", x, y });
      spoken.textContent = said(data, at).replaceAll("\n", ", ");
    });
    place.addEventListener("blur", () => chart.dispatchAction({ type: "hideTip" }));
  }

  function draw(figure) {
    const place = figure.querySelector(".drawing");
    const data = JSON.parse(figure.querySelector("script").textContent);
    place.hidden = false;
    place.style.height = `${heightOf(data)}px`;
    const chart = echarts.init(place, null, { renderer: "svg" });
    drawn.set(figure, { chart, data });
    chart.setOption(options(data, palette()));
    figure.querySelector("details").open = false;
    listen(figure, place, data, chart);
    new ResizeObserver(() => chart.isDisposed() || chart.resize()).observe(place);
  }

  function drawAll(root) {
    for (const [figure, { chart }] of drawn) {
      if (!figure.isConnected) {
        chart.dispose();
        drawn.delete(figure);
      }
    }
    for (const figure of root.querySelectorAll("figure.chart")) drawn.has(figure) || draw(figure);
  }

  function paint() {
    for (const { chart, data } of drawn.values()) chart.setOption(options(data, palette()), true);
  }

  function forPaper(isPrinting) {
    document.documentElement.classList.toggle("printing", isPrinting);
    for (const [figure, { chart }] of drawn) {
      const details = figure.querySelector("details");
      if (isPrinting) {
        figure.dataset.open = details.open ? "1" : "";
        details.open = true;
        chart.resize({ width: PRINT_PX });
      } else {
        details.open = figure.dataset.open === "1";
        chart.resize({ width: "auto" });
      }
    }
    paint();
  }

  drawAll(document);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  addEventListener("beforeprint", () => forPaper(true));
  addEventListener("afterprint", () => forPaper(false));
  // For a script that puts new figures into the page.
  window.charts = { draw: drawAll };
})();
