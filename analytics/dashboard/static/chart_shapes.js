// The shapes of figures in a chart, as series of ECharts: columns with their intervals, lines with
// bands, cells, and hatching for what is withheld. A point is [words, value, low, high], as far as
// there are any.
"use strict";

(() => {
  const COLUMN_SHARE = 0.72; // of the room a label has
  const HATCH_PX = 10;

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
      const heightAt = (across) => y + height - (across - at);
      strokes.push(line([[x + from, heightAt(from)], [x + to, heightAt(to)]], style));
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
      const style = styleOf(series.layer, colour);
      const parts = [{ type: "rect", shape: box(end(value)), style }];
      if (high !== undefined) {
        const [middle, half] = [left + width / 2, Math.min(width / 4, 4)];
        const [bottom, top] = [end(low), end(high)];
        const thin = { stroke: colours.text, lineWidth: 1.25 };
        parts.push(
          line(turned([[middle, bottom], [middle, top]]), thin),
          line(turned([[middle - half, top], [middle + half, top]]), thin),
          line(turned([[middle - half, bottom], [middle + half, bottom]]), thin),
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
          type: "polygon",
          shape: { points },
          silent: true,
          style: { fill: colour, fillOpacity: 0.18 },
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
      const points = series.points.map((each) => (each?.length === 1 ? each : null));
      const withheld = { ...series, points };
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
            line([[x, y], [x, y + height]], { stroke: colours.text, lineDash: [4, 3] }),
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
            x: middleX - width / 2 + 0.5,
            y: middleY - height / 2 + 0.5,
            width: width - 1,
            height: height - 1,
          };
          const run = outlineFrom(data.outlined[y], x);
          const outline = {
            type: "rect", z2: 10,
            shape: { ...shape, width: width * run - 1 },
            style: { fill: "none", stroke: colours.text, lineWidth: 1.5 },
          };
          const more = run ? [outline] : [];
          const around = (parts) => ({ type: "group", children: [...parts, ...more] });
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

  window.chartShapes = { columns, lines, marks, heat };
})();
