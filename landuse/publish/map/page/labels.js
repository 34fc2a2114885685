// Names of the parks on the ground, since there is no base map to tell the way by.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const LEAST = 30; // pixels that a park must span to bear its name

  // [{name, x, y, span}] in the units of the shapes: above the middle of a park's plots, so that the
  // name hides none of them, and how wide they spread.
  landuse.parkLabels = function (shapes, parks) {
    const sums = parks.values.map((name) => ({ name, x: 0, plots: [] }));
    for (let plot = 0; plot < shapes.count; plot++) {
      if (!landuse.isDrawn(shapes, plot)) continue;
      const sum = sums[parks.at[plot]];
      sum.x += (shapes.box[4 * plot] + shapes.box[4 * plot + 2]) / 2;
      sum.plots.push(plot);
    }
    return sums.filter((sum) => sum.name && sum.plots.length).map((sum) => {
      const box = landuse.extent(shapes, sum.plots);
      const span = Math.max(box[2] - box[0], box[3] - box[1]);
      return { name: sum.name, x: sum.x / sum.plots.length, y: box[1], span };
    });
  };

  landuse.drawLabels = function (context, view, labels) {
    context.font = "700 15px 'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 4;
    context.strokeStyle = "rgba(255, 255, 255, 0.9)";
    context.fillStyle = "#12324a";
    for (const label of labels) {
      if (label.span * view.scale < LEAST) continue;
      const name = label.name.length > 20 ? label.name.slice(0, 19) + "…" : label.name;
      const x = label.x * view.scale - view.dx;
      const y = label.y * view.scale - view.dy - 12;
      context.strokeText(name, x, y);
      context.fillText(name, x, y);
    }
  };
})();
