// A small picture: the industry's firms as bars, and where this one, the middle and the line stand.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 340;
  const FLOOR = 44;
  const TALL = 34;
  const EDGE = 8;

  function shape(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    for (const name of Object.keys(attributes)) made.setAttribute(name, String(attributes[name]));
    return made;
  }
  landuse.svg = shape;

  const place = (spread, value) => EDGE + ((Math.min(Math.max(value, spread.low), spread.high) - spread.low) / (spread.high - spread.low)) * (WIDTH - 2 * EDGE);

  function bars(spread) {
    const most = Math.max(...spread.bars);
    const width = (WIDTH - 2 * EDGE) / spread.bars.length;
    return spread.bars.map((count, i) => {
      const height = (count / most) * TALL;
      return shape("rect", { x: EDGE + i * width + 0.5, y: FLOOR - height, width: width - 1, height, fill: "#b9c4cc" });
    });
  }

  function line(x, colour, dash, width) {
    return shape("line", { x1: x, x2: x, y1: 6, y2: FLOOR, stroke: colour, "stroke-width": width, "stroke-dasharray": dash });
  }

  // spread as in distribution.py; marks: own value, and the benchmark or cut-off; each may be null.
  landuse.distributionPicture = function (spread, own, mark, markWord, title, say) {
    const figure = landuse.element("figure", "spread");
    const svg = shape("svg", { viewBox: "0 0 " + WIDTH + " 54", role: "img" });
    const values = { title, n: spread.n, own: landuse.ratio(own), median: landuse.ratio(spread.median), mark: mark === null ? "—" : landuse.ratio(mark), word: say(markWord) };
    svg.setAttribute("aria-label", say("spread_label", values));
    svg.append(...bars(spread), shape("line", { x1: EDGE, x2: WIDTH - EDGE, y1: FLOOR, y2: FLOOR, stroke: "#666" }));
    svg.append(line(place(spread, spread.median), "#12324a", "4 3", 1.6));
    if (mark !== null) svg.append(line(place(spread, mark), "#0072b2", "", 2.2));
    if (own !== null) {
      const x = place(spread, own);
      svg.append(line(x, "#c1121f", "", 2), shape("path", { d: "M" + x + " " + FLOOR + " l-6 9 h12 Z", fill: "#c1121f" }));
    }
    const caption = landuse.element("figcaption", "", title);
    const keys = landuse.element("p", "spread-keys");
    for (const [name, word, value] of [["own", "spread_own", values.own], ["median", "spread_median", values.median], ["mark", markWord, values.mark]]) {
      const key = landuse.element("span", "", say(word) + " " + value);
      key.prepend(landuse.element("i", "spread-" + name));
      keys.append(key);
    }
    if (spread.beyond) keys.append(landuse.element("span", "", say("spread_beyond", { n: spread.beyond, high: landuse.ratio(spread.high) })));
    figure.append(caption, svg, keys);
    return figure;
  };
})();
