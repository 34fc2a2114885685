// The live filter: what is asked for stands in the address, so that it can be handed on.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;

  // The values of a column that occur, with how many plots have each; blank is "none".
  function occurring(column, label) {
    const counts = new Map();
    for (const place of column.at) counts.set(place, (counts.get(place) || 0) + 1);
    return column.values
      .map((value, place) => [value || "none", label(value), counts.get(place) || 0])
      .filter((one) => one[2]);
  }

  function divisions(app) {
    const units = app.details().units;
    const used = new Map();
    const count = (value) => used.set(value, (used.get(value) || 0) + 1);
    app.plots.id.forEach((id, plot) => {
      const users = app.details().linksOf(plot);
      for (const value of new Set(users.map((user) => landuse.textAt(units.division, user)))) count(value);
      if (!users.length && app.meta.partial && app.plots.division.at[plot] >= 0) count(landuse.textAt(app.plots.division, plot));
    });
    if (app.meta.partial) {
      const others = app.plots.others;
      const seen = new Set();
      others.plot.forEach((plot, row) => {
        const value = landuse.textAt(others.division, row);
        const pair = plot + " " + value;
        if (value === landuse.textAt(app.plots.division, plot) || seen.has(pair)) return;
        seen.add(pair);
        count(value);
      });
    }
    return Array.from(used.keys()).sort().map((value) => [
      value || "none", value ? app.meta.divisions[value] || value : app.say("filter_no_industry"), used.get(value),
    ]);
  }

  const STATES = ["found", "suspected", "publicised", "objected", "confirmed", "planned", "in_disposal", "awaiting_acceptance", "closed", "deferred", "removed", "none"];

  function kinds(app) {
    const say = app.say;
    const classes = () => {
      const counts = app.meta.classes.map(() => 0);
      for (const place of app.plots.class) counts[place]++;
      return app.meta.classes.map((look, i) => [look.key, look.label, counts[i]]).filter((one) => one[2]);
    };
    const states = () =>
      occurring(app.plots.state, (value) => say(value ? "state_" + value : "filter_no_case")).sort((a, b) => STATES.indexOf(a[0]) - STATES.indexOf(b[0]));
    return [
      ["class", say("filter_class"), classes],
      ["state", say("filter_state"), states],
      ["industry", say("filter_industry"), () => divisions(app)],
      ["park", say("filter_park"), () => occurring(app.plots.park, (value) => value || say("filter_no_park"))],
    ];
  }

  // One list of tick boxes that is filled when it is first opened.
  function list(name, title, options, app) {
    const box = make("details", "filter-list");
    box.dataset.kind = name;
    const summary = make("summary", "", title);
    const chosen = make("span", "chosen");
    summary.append(chosen);
    const body = make("div", "ticks");
    box.append(summary, body);
    const boxes = new Map();
    const fill = () => {
      if (boxes.size) return;
      for (const [value, label, count] of options()) {
        const tick = landuse.tick(label + " (" + landuse.number(count, 0, 0) + ")", app.filter[name].includes(value), () => {
          const others = app.filter[name].filter((one) => one !== value);
          app.setFilter(Object.assign({}, app.filter, { [name]: tick.box.checked ? others.concat(value) : others }));
        });
        boxes.set(value, tick.box);
        body.append(tick);
      }
    };
    box.addEventListener("toggle", fill);
    return {
      box,
      show(filter) {
        if (filter[name].length) fill();
        boxes.forEach((tick, value) => (tick.checked = filter[name].includes(value)));
        chosen.textContent = filter[name].length ? " · " + filter[name].length : "";
      },
    };
  }

  function range(app) {
    const say = app.say;
    const change = (part) => app.setFilter(Object.assign({}, app.filter, part));
    const options = [["", say("filter_no_indicator")]];
    for (const one of app.meta.measures) options.push([one.key, one.title + (one.unit ? "（" + one.unit + "）" : "")]);
    const indicator = landuse.choice(say("filter_indicator"), options, (value) => change({ indicator: value }));
    const end = (name, word) =>
      landuse.field(say(word), "number", (text) => change({ [name]: text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text) }));
    const least = end("min", "filter_least");
    const most = end("max", "filter_most");
    const box = make("div", "range");
    const pair = make("div", "pair");
    pair.append(least, most);
    box.append(indicator, pair);
    const put = (field, value) => {
      if (document.activeElement !== field.input) field.input.value = value === null ? "" : String(value);
    };
    return {
      box,
      show(filter) {
        indicator.select.value = filter.indicator;
        put(least, filter.min);
        put(most, filter.max);
        least.input.disabled = most.input.disabled = !filter.indicator;
      },
    };
  }

  landuse.filterPanel = function (panel, app) {
    const say = app.say;
    const body = landuse.group(panel, "filter", say("filter"), true);
    const text = landuse.field(say("filter_text"), "text", (value) => app.setFilter(Object.assign({}, app.filter, { q: value })));
    const said = make("p", "filter-said");
    said.setAttribute("role", "status");
    const reset = landuse.button(say("filter_reset"), () => app.setFilter(landuse.noFilter()));
    const zoom = landuse.button(say("filter_zoom"), () => app.fitMask());
    // a public copy has no ledger, and where it shows parks or squares neither industries nor figures
    const { audience, measures } = app.meta;
    const told = ([name]) => audience !== "public" || (name !== "state" && (name !== "industry" || !app.plots.within));
    const parts = kinds(app).filter(told).map(([name, title, options]) => list(name, title, options, app));
    const ends = range(app);
    const bar = make("div", "buttons");
    bar.append(reset, zoom);
    ends.box.hidden = !measures.length;
    body.append(text, ...parts.map((one) => one.box), ends.box, said, bar);
    app.on("filter", () => {
      const filter = app.filter;
      const crossed = filter.min !== null && filter.max !== null && filter.min > filter.max;
      for (const part of parts) part.show(filter);
      ends.show(filter);
      if (document.activeElement !== text.input) text.input.value = filter.q;
      const count = app.mask ? app.mask.reduce((sum, one) => sum + one, 0) : app.plots.id.length;
      const values = { n: landuse.number(count, 0, 0), all: landuse.number(app.plots.id.length, 0, 0) };
      said.textContent = crossed ? say("filter_crossed") : say(app.mask ? "filter_some" : "filter_all", values);
      reset.disabled = !app.mask;
      zoom.disabled = !count;
    });
  };
})();
