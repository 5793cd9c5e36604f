// Charts over days, drawn by ECharts where it is loaded: the figures come in the element's own
// attribute, the SVG and the table under it stay for those who run no script.
(() => {
  "use strict";
  const paint = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

  // A custom property may be light-dark(): ask the browser for the colour it stands for.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (scope, name) => {
    scope.append(probe);
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  const draw = (figure) => {
    const said = JSON.parse(figure.dataset.evolution);
    const language = document.documentElement.lang;
    const money = new Intl.NumberFormat(language, { style: "currency", currency: said.currency });
    const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
    const whole = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
    const canvas = figure.querySelector(".canvas");
    const chart = echarts.init(canvas, null, { renderer: "canvas" });
    figure.dataset.drawn = "";

    const options = () => {
      const series = said.series.map((one, place) => {
        const scope = figure.querySelectorAll(".legend > span")[place] || figure;
        return { ...one, colour: colour(scope, "--series") };
      });
      const ink = colour(figure, "--ink-2"), line = colour(figure, "--line");
      const font = paint(document.body, "font-family");
      return {
        animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
        animationDuration: 250,
        textStyle: { fontFamily: font, color: ink },
        grid: { left: 8, right: 16, top: 12, bottom: 8, containLabel: true },
        tooltip: {
          trigger: "axis", renderMode: "richText", confine: true,
          backgroundColor: colour(figure, "--raised"), borderColor: line,
          textStyle: { color: colour(figure, "--ink"), fontFamily: font, fontSize: 12 },
          formatter: (points) => [
            whole.format(new Date(points[0].value[0])),
            ...points.map((point) => `${point.marker} ${point.seriesName}  ${money.format(point.value[1] / 100)}`),
          ].join("\n"),
        },
        xAxis: {
          type: "time", axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
          axisLabel: { color: ink, hideOverlap: true, formatter: (value) => day.format(new Date(value)) },
        },
        yAxis: {
          type: "value", splitLine: { lineStyle: { color: line } },
          axisLabel: { color: ink, formatter: (value) => short.format(value / 100) },
        },
        series: series.map((one, place) => ({
          name: one.name, type: "line", step: "end", symbol: "none", symbolSize: 6,
          lineStyle: { width: 1.75, color: one.colour, type: one.dashed ? "dashed" : "solid" },
          itemStyle: { color: one.colour },
          areaStyle: place === 0 ? { color: one.colour, opacity: 0.08 } : undefined,
          data: said.days.map((on, at) => [on, one.values[at]]),
        })),
      };
    };

    const redraw = () => chart.setOption(options(), true);
    redraw();
    new ResizeObserver(() => chart.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    if (said.opens) {
      chart.getZr().on("click", (event) => {
        const at = chart.convertFromPixel({ seriesIndex: 0 }, [event.offsetX, event.offsetY]);
        if (!at) return;
        const near = said.days.reduce((best, on) => Math.abs(Date.parse(on) - at[0]) < Math.abs(Date.parse(best) - at[0]) ? on : best);
        location.assign(`${said.opens}?on=${near}`);
      });
    }
  };

  for (const figure of document.querySelectorAll("[data-evolution]")) draw(figure);
})();
