// The bridge to the meeting page, which holds this one in a frame. Only a message from the same
// origin, from the window around us, and with the token that it put into the frame's name
// ("landuse:" and the token), counts.
//   to us:   select {id, move} · filter {query} · states {states} · presenter {on} ·
//            layout {head, panel, card}
//   from us: ready {run, count} · selected {id} · filtered {query, count, asked} · key {key}
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const NAME = "landuse:";

  // data.states: code of a plot → state of its latest case ("" is none).
  function states(app, given) {
    const column = app.plots.state;
    const places = new Map(column.values.map((value, i) => [value, i]));
    for (const id of Object.keys(given)) {
      const plot = app.plotOf(id);
      if (plot < 0) continue;
      const value = String(given[id] || "");
      if (!places.has(value)) {
        places.set(value, column.values.length);
        column.values.push(value);
      }
      column.at[plot] = places.get(value);
    }
    app.setFilter(app.filter);
    if (app.selected >= 0) app.select(app.selected, false);
  }

  const ACTS = {
    select: (app, data) => app.select(data.id ? app.plotOf(String(data.id)) : -1, data.move !== false),
    filter: (app, data) => app.setFilter(landuse.readFilter(String(data.query || ""))),
    states: (app, data) => states(app, data.states || {}),
    presenter: (app, data) => landuse.presenter(app, Boolean(data.on)),
    layout: (app, data) => {
      for (const part of ["head", "panel", "card"]) {
        if (part in data) document.body.classList.toggle("no-" + part, !data[part]);
      }
      app.map.invalidateSize({ animate: false });
    },
  };

  landuse.bridge = function (app) {
    if (!app.meta.served || window.parent === window || !window.name.startsWith(NAME)) return;
    const token = window.name.slice(NAME.length);
    const origin = window.location.origin;
    if (!token) return;
    const tell = (act, more) => window.parent.postMessage(Object.assign({ kind: "landuse", token, act }, more), origin);
    let told = true; // what the parent asked for is not told back to it as news
    window.addEventListener("message", (event) => {
      const data = event.data;
      if (event.source !== window.parent || event.origin !== origin || !data || typeof data !== "object") return;
      if (data.kind !== "landuse" || data.token !== token) return;
      if (!Object.prototype.hasOwnProperty.call(ACTS, data.act)) return;
      told = true;
      try {
        ACTS[data.act](app, data);
      } finally {
        told = false;
      }
    });
    app.on("select", () => told || tell("selected", { id: app.selected < 0 ? "" : app.plots.id[app.selected] }));
    app.on("filter", () => {
      const count = app.mask ? app.mask.reduce((sum, one) => sum + one, 0) : app.plots.id.length;
      tell("filtered", { query: landuse.writeFilter(app.filter), count, asked: told });
    });
    // keys of the meeting page are heard here too: the map has its own arrows, plus, minus and slash
    document.addEventListener("keydown", (event) => {
      const own = event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || "+-=_/ ".includes(event.key);
      if (!own && !app.measuring && !landuse.isTyping(event)) tell("key", { key: event.key });
    });
    told = false;
    tell("ready", { run: app.meta.run_id, count: app.plots.id.length });
  };
})();
