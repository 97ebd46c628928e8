// Draws the charts of a page, each from the block of data beside its table, in the page's colours.
// Whoever reads without this script has the table.
"use strict";

(() => {
  const COLUMN_SHARE = 0.72; // of the room a label has
  const HATCH_PX = 10;
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

  // A layer is known by its form, so that it is also without colours.
  function styleOf(layer, colour) {
    if (layer === "measured") return { fill: colour, stroke: colour, lineWidth: 1 };
    if (layer === "estimated") {
      return { fill: colour, fillOpacity: 0.45, stroke: colour, lineWidth: 1 };
    }
    return { fill: colour, fillOpacity: 0.12, stroke: colour, lineWidth: 1.5, lineDash: [3, 3] };
  }

  function line(points, style) {
    return { type: "polyline", shape: { points }, style: { fill: "none", ...style }, silent: true };
  }

  function hatched({ x, y, width, height }, colour) {
    const style = { stroke: colour, lineWidth: 1.5 };
    const strokes = [];
    for (let at = -height; at < width; at += 5) {
      const [from, to] = [Math.max(at, 0), Math.min(at + height, width)];
      strokes.push(line([[x + from, y + height - (from - at)], [x + to, y + height - (to - at)]], style));
    }
    return { type: "group", children: strokes };
  }

  // One column of a series: its figure, the interval on it, or that it is withheld.
  function column(series, number, count, colours, isLying) {
    const colour = colours[series.tone];
    const turned = (points) => (isLying ? points.map(([a, b]) => [b, a]) : points);
    return (params, api) => {
      const at = params.dataIndex;
      const point = series.points[at];
      if (!point) return null;
      const coord = (value) => api.coord(isLying ? [value, at] : [at, value]);
      const [foot, room] = isLying
        ? [[coord(0)[1], coord(0)[0]], Math.abs(api.size([0, 1])[1])]
        : [coord(0), api.size([1, 0])[0]];
      const slot = (room * COLUMN_SHARE) / count;
      const left = foot[0] - (room * COLUMN_SHARE) / 2 + slot * number;
      const width = Math.max(slot - (count > 1 ? 1 : 0), 1);
      const end = (value) => coord(value)[isLying ? 0 : 1];
      const box = (tip) => {
        const [from, to] = [Math.min(foot[1], tip), Math.max(foot[1], tip)];
        return isLying
          ? { x: from, y: left, width: to - from, height: width }
          : { x: left, y: from, width, height: to - from };
      };
      const [, value, low, high] = point;
      if (value === undefined) {
        return hatched(box(foot[1] + (isLying ? HATCH_PX : -HATCH_PX)), colours.quiet);
      }
      const parts = [{ type: "rect", shape: box(end(value)), style: styleOf(series.layer, colour) }];
      if (high !== undefined) {
        const [middle, half] = [left + width / 2, Math.min(width / 4, 4)];
        const [bottom, top] = [end(low), end(high)];
        const style = { stroke: colours.text, lineWidth: 1.25 };
        parts.push(
          line(turned([[middle, bottom], [middle, top]]), style),
          line(turned([[middle - half, top], [middle + half, top]]), style),
          line(turned([[middle - half, bottom], [middle + half, bottom]]), style),
        );
      }
      return { type: "group", children: parts };
    };
  }

  function custom(renderItem, data, more) {
    return { type: "custom", renderItem, data, animation: false, ...more };
  }

  function columns(data, colours, isLying) {
    const value = isLying ? "x" : "y";
    return data.series.map((series, number) =>
      custom(
        column(series, number, data.series.length, colours, isLying),
        series.points.map((point, at) => [at, ...[1, 2, 3].map((part) => point?.[part] ?? NaN)]),
        { encode: { [isLying ? "y" : "x"]: 0, [value]: [1, 2, 3] } },
      ),
    );
  }

  // The interval of a line: a band over each run of points that have one.
  function band(series, colour) {
    const has = (at) => series.points[at]?.[3] !== undefined;
    return custom(
      (params, api) => {
        const first = params.dataIndex;
        if (!has(first) || has(first - 1)) return null;
        let last = first;
        while (has(last + 1)) last += 1;
        const run = series.points.slice(first, last + 1);
        const side = (part) => run.map((point, step) => api.coord([first + step, point[part]]));
        const points = [...side(3), ...side(2).reverse()];
        return {
          type: "polygon", shape: { points }, silent: true, style: { fill: colour, fillOpacity: 0.18 },
        };
      },
      series.points.map((point, at) => [at, point?.[2] ?? NaN, point?.[3] ?? NaN]),
      { encode: { x: 0, y: [1, 2] }, z: 1 },
    );
  }

  function lines(data, colours) {
    return data.series.flatMap((series, number) => {
      const colour = colours[series.tone];
      const has = (at) => series.points[at]?.[1] !== undefined;
      const few = data.labels.length <= 40;
      const withheld = { ...series, points: series.points.map((each) => (each?.length === 1 ? each : null)) };
      return [
        band(series, colour),
        {
          type: "line",
          animation: false,
          data: series.points.map((point) => point?.[1] ?? "-"),
          // A point between two that are missing would be no line.
          symbolSize: (_, { dataIndex: at }) => (few || !(has(at - 1) || has(at + 1)) ? 5 : 0),
          symbol: series.layer === "calibrated" ? "emptyCircle" : "circle",
          color: colour,
          lineStyle: { width: 2, type: series.layer === "calibrated" ? "dashed" : "solid" },
          z: 3,
        },
        custom(
          column(withheld, number, data.series.length, colours, false),
          series.points.map((_, at) => [at, NaN]),
        ),
      ];
    });
  }

  function marks(data, colours) {
    return custom(
      (params, api) => {
        const mark = data.marks[params.dataIndex];
        const { y, height, x: left, width } = params.coordSys;
        const [x] = api.coord([mark.at, 0]);
        const isRight = x > left + width / 2;
        return {
          type: "group",
          children: [
            line([[x, y], [x, y + height]], { stroke: colours.text, lineWidth: 1, lineDash: [4, 3] }),
            {
              type: "text",
              silent: true,
              x: x + (isRight ? -4 : 4),
              y: y + 14 * (params.dataIndex % 3),
              style: {
                text: mark.text, fill: colours.text, font: `11px ${colours.font}`,
                align: isRight ? "right" : "left",
                width: (isRight ? x - left : left + width - x) - 8, overflow: "truncate",
              },
            },
          ],
        };
      },
      data.marks.map((mark) => [mark.at, NaN]),
      { z: 4 },
    );
  }

  // How many columns from here on are outlined together; 0 unless the outline begins here.
  function outlineFrom(row, x) {
    if (!row?.includes(x) || row.includes(x - 1)) return 0;
    let length = 1;
    while (row.includes(x + length)) length += 1;
    return length;
  }

  function heat(data, colours) {
    const flat = data.cells.flatMap((row, y) => row.map((point, x) => ({ x, y, point })));
    const most = Math.max(...flat.map(({ point }) => point?.[1] ?? 0)) || 1;
    return [
      custom(
        (params, api) => {
          const { x, y, point } = flat[params.dataIndex];
          const [width, height] = api.size([1, 1]).map(Math.abs);
          const [middleX, middleY] = api.coord([x, y]);
          const shape = {
            x: middleX - width / 2 + 0.5, y: middleY - height / 2 + 0.5, width: width - 1, height: height - 1,
          };
          const run = outlineFrom(data.outlined[y], x);
          const outline = {
            type: "rect", z2: 10,
            shape: { ...shape, width: width * run - 1 },
            style: { fill: "none", stroke: colours.text, lineWidth: 1.5 },
          };
          const around = (parts) => ({ type: "group", children: run ? [...parts, outline] : parts });
          if (!point) return around([]);
          const share = (point[1] ?? 0) / most;
          const cell = {
            type: "rect", shape,
            style: { fill: colours.main, fillOpacity: point.length > 1 ? 0.06 + 0.94 * share : 0 },
          };
          return around(point.length > 1 ? [cell] : [cell, hatched(shape, colours.line)]);
        },
        flat.map(({ x, y }) => [x, y]),
      ),
    ];
  }

  function said(data, at) {
    if (data.kind === "heat") {
      const across = data.columns.length;
      const [row, across_at] = [Math.floor(at / across), at % across];
      const point = data.cells[row][across_at];
      return `${data.rows[row]} ${data.columns[across_at]}\n${point ? point[0] : "–"}`;
    }
    const noted = data.marks.filter((mark) => mark.at === at).map((mark) => mark.text);
    const figures = data.series
      .filter((series) => series.points[at])
      .map((series) => `${data.series.length > 1 ? `${series.name}: ` : ""}${series.points[at][0]}`);
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
    const series = isHeat
      ? heat(data, colours)
      : data.kind === "lines" ? lines(data, colours) : columns(data, colours, isLying);
    return {
      animation: false,
      textStyle: { fontFamily: colours.font },
      grid: { left: 4, right: 8, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
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
      series: data.marks?.length ? [...series, marks(data, colours)] : series,
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
