// Counts and areas of the plots that pass, added up in whole millionths so that no order shows.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const MICRO = 1e6;

  const micro = (values) => Float64Array.from(values, (value) => Math.round((value || 0) * MICRO));

  class Sum {
    constructor() {
      this.count = 0;
      this.micro = 0;
    }

    add(amount) {
      this.count += 1;
      this.micro += amount;
    }

    get mu() {
      return this.micro / MICRO;
    }
  }

  landuse.sums = function (app) {
    const area = micro(app.plots.mu);
    const flagged = micro(app.plots.flagged_mu);
    const passes = (mask, plot) => !mask || mask[plot];

    // One sum a group; the last is of all plots that pass, in whichever group.
    function groups(groupOf, count, mask) {
      const sums = Array.from({ length: count + 1 }, () => new Sum());
      for (let plot = 0; plot < area.length; plot++) {
        if (!passes(mask, plot)) continue;
        sums[count].add(area[plot]);
        if (groupOf[plot] >= 0) sums[groupOf[plot]].add(area[plot]);
      }
      return sums;
    }

    function of(plots, amounts, mask) {
      const sum = new Sum();
      for (const plot of plots) if (passes(mask, plot)) sum.add(amounts[plot]);
      return sum;
    }

    // The accepted parts of the cases that are not removed, each case once.
    function revitalised(mask) {
      const done = app.plots.accepted || { plot: [] };
      const seen = new Set();
      let mu = 0;
      let floor = 0;
      done.plot.forEach((plot, row) => {
        if (!passes(mask, plot) || seen.has(done.case[row])) return;
        seen.add(done.case[row]);
        mu += Math.round((done.mu[row] || 0) * 1e4);
        floor += Math.round((done.floor[row] || 0) * 1e4);
      });
      return { count: seen.size, mu: mu / 1e4, floor: floor / 1e4 };
    }

    return {
      groups,
      revitalised,
      low: (mask) => of(app.plots.low, flagged, mask),
      idle: (mask) => of(app.plots.idle, area, mask),
    };
  };
})();
