// How plots are coloured: by class (revitalised ones by year), by a figure, or by what changed.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const RAMP = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"];
  const PALE = { stroke: "#6f6f6f", width: 0.7, pattern: "", ink: "", flagged: false };
  const NO_VALUE = { fill: "#ffffff", stroke: "#8c8c8c", width: 0.8, pattern: "dots", ink: "#8c8c8c", flagged: false };
  const CHANGED = { in: "#d55e00", out: "#009e73", stays: "#7a7a7a", other: "#f0f0ee" };

  const withLook = (key, label, look) => Object.assign({ key, label }, look);

  // Each look stays switched on or off while the filter or the year changes.
  function theme(kind, groupOf, looks, before) {
    const shown = looks.map((look) => {
      const old = before && before.kind === kind ? before.looks.findIndex((one) => one.key === look.key) : -1;
      return old < 0 || before.shown[old];
    });
    return { kind, groupOf, looks, shown };
  }

  // With a year: plots accepted later are shown as they were by the figures of the run.
  function byClass(app, year) {
    const done = app.plots.revitalised;
    if (!done || year === null) return app.plots.class;
    const groupOf = app.plots.class.slice();
    done.plot.forEach((plot, row) => {
      if (done.year[row] > year) groupOf[plot] = done.before[row];
    });
    return groupOf;
  }

  function placeOf(breaks, value) {
    let place = 0;
    while (place < breaks.length - 1 && value > breaks[place]) place++;
    return place;
  }

  function shades(count) {
    if (count >= RAMP.length) return RAMP;
    return Array.from({ length: count }, (none, i) => RAMP[count === 1 ? 2 : Math.round((i * (RAMP.length - 1)) / (count - 1))]);
  }

  function byFigure(app, measure, method) {
    const breaks = measure.breaks[method];
    const values = app.figures(measure.key);
    const least = values.reduce((low, value) => (value !== null && value < low ? value : low), Infinity);
    const colours = shades(breaks.length);
    const looks = breaks.map((end, i) => {
      const from = landuse.ratio(i ? breaks[i - 1] : least);
      const label = measure.labels ? measure.labels[i] : app.say(i ? "colour_above" : "colour_from", { from, to: landuse.ratio(end) });
      return withLook("bin" + i, label, Object.assign({}, PALE, { fill: colours[i] }));
    });
    looks.push(withLook("no_value", app.say("colour_none"), NO_VALUE));
    const groupOf = values.map((value) => (value === null ? breaks.length : placeOf(breaks, value)));
    return { groupOf, looks };
  }

  function byChange(app) {
    const second = app.second();
    const keys = app.meta.classes.map((look) => look.key);
    const moved = new Map(second.plots.map((one) => [one.id, one.move]));
    const order = ["in", "out", "stays", "other"];
    const looks = order.map((key) =>
      withLook(key, app.say("change_" + key), Object.assign({}, PALE, { fill: CHANGED[key], flagged: key !== "other" }))
    );
    const flagged = new Set([...app.plots.low, ...app.plots.idle]);
    const groupOf = app.plots.id.map((id, plot) => order.indexOf(moved.get(id) || (flagged.has(plot) ? "stays" : "other")));
    return { groupOf, looks, keys };
  }

  // state: {colour: "" | "change" | key of a measure, method, year}
  landuse.themeOf = function (state, app, before) {
    if (state.colour === "change") {
      const found = byChange(app);
      return theme("change", found.groupOf, found.looks, before);
    }
    const measure = app.meta.measures.find((one) => one.key === state.colour);
    if (measure && measure.breaks[state.method].length) {
      const found = byFigure(app, measure, state.method);
      return theme(measure.key + "/" + state.method, found.groupOf, found.looks, before);
    }
    const groupOf = byClass(app, state.year);
    // nothing new to sort where the map opens as it was made
    if (before && before.groupOf === groupOf) return before;
    return theme("class", groupOf, app.meta.classes, before);
  };
})();
