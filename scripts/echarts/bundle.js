// The part of Apache ECharts that the dashboard's charts.js draws with: half of the whole.
// Columns, whiskers and cells are custom series; words for readers are our own, so no aria.
import { CustomChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([CustomChart, LineChart, GridComponent, TooltipComponent, SVGRenderer]);

export { init };
