// Puts the page together: words, layer, panel, card. What the parts share is the `app`.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});

  function heading(meta, say) {
    for (const place of document.querySelectorAll("[data-word]")) place.textContent = say(place.dataset.word);
    document.title = say("title") + (meta.project ? " · " + meta.project : "");
    document.getElementById("project").textContent = meta.project;
    const facts = [say("as_of", { as_of: meta.as_of }), say("year", { year: meta.year }), meta.rules];
    if (meta.run_id) facts.push(say("run", { run_id: meta.run_id }));
    document.getElementById("facts").textContent = facts.join("　");
    if (meta.mark) document.querySelector(".mark").textContent = meta.mark;
  }

  landuse.isTyping = (event) => /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && !/^(checkbox|range|button)$/.test(event.target.type);

  // The outline of the chosen plot, and a ring around it where it is small.
  function marker(map, shapes) {
    const group = L.layerGroup().addTo(map);
    let chosen = -1;
    const draw = () => {
      group.clearLayers();
      if (chosen < 0 || !landuse.isDrawn(shapes, chosen)) return;
      const outline = { fill: false, interactive: false, color: "#c1121f" };
      const rings = landuse.latLngs(shapes, chosen);
      const box = landuse.extent(shapes, [chosen]);
      L.polygon(rings, Object.assign({}, outline, { color: "#fff", weight: 7 })).addTo(group);
      L.polygon(rings, Object.assign({}, outline, { weight: 3.5 })).addTo(group);
      if (Math.max(box[2] - box[0], box[3] - box[1]) * Math.pow(2, map.getZoom()) > 30) return;
      const centre = landuse.bounds(box).getCenter();
      L.circleMarker(centre, Object.assign({}, outline, { weight: 2.5, radius: 20 })).addTo(group);
    };
    map.on("zoomend", draw);
    return function (plot) {
      chosen = plot;
      draw();
    };
  }

  function hint(map, app) {
    const box = landuse.element("div", "landuse-hint");
    box.hidden = true;
    map.getContainer().append(box);
    let waiting = false;
    map.on("mousemove", (event) => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        const plot = app.layer.plotAt(event.latlng);
        map.getContainer().classList.toggle("over-plot", plot >= 0);
        box.hidden = plot < 0;
        if (plot < 0) return;
        box.textContent = app.plots.id[plot] + " · " + app.meta.classes[app.plots.class[plot]].label;
        box.style.left = event.containerPoint.x + 14 + "px";
        box.style.top = event.containerPoint.y + 14 + "px";
      });
    });
    map.on("mouseout", () => (box.hidden = true));
  }

  function fit(map, shapes, plots, maxZoom) {
    const box = landuse.extent(shapes, plots);
    if (box) map.fitBounds(landuse.bounds(box), { padding: [30, 30], maxZoom, animate: false });
  }

  // Opening the card narrows the map: what was clicked must not slip out of it.
  function keepInView(map, shapes, plot) {
    const box = landuse.extent(shapes, [plot]);
    if (!box) return;
    const centre = landuse.bounds(box).getCenter();
    if (!map.getBounds().pad(-0.05).contains(centre)) map.panTo(centre, { animate: false });
  }

  const once = (make) => {
    let made;
    return () => (made === undefined ? (made = make()) : made);
  };

  // What the parts of the page share: data that is read when first needed, filter, colours, choice.
  function makeApp(map, meta, plots, shapes) {
    const hears = new Map();
    const cards = landuse.cards(meta, plots.id.length);
    const app = {
      map, meta, plots, shapes,
      say: landuse.sayer(meta.words),
      selected: -1,
      mask: null,
      filter: landuse.noFilter(),
      state: { colour: "", method: "quantile", year: null },
      measuring: false,
      // the cards are read when the first one is needed, so that the map opens sooner
      details: (plot) => cards.of(plot),
      ready: (plot) => cards.ready(plot),
      // every plot with a case has its card in the page
      cases: () => app.details().cases,
      second: once(() => landuse.secondRun()),
      areas: once(() => {
        const areas = landuse.block("areas");
        areas.shapes = landuse.decodeShapes(areas);
        return areas;
      }),
      texts: once(() => landuse.searchTexts(app)),
      users: (plot) => app.details(plot).usersOf(plot).map((user) => app.details(plot).units.name[user.unit]),
      on(event, hear) {
        hears.set(event, (hears.get(event) || []).concat(hear));
      },
      fire(event) {
        for (const hear of hears.get(event) || []) hear();
      },
    };
    app.layer = new landuse.PlotLayer(shapes, plots.class, meta.classes);
    app.sums = landuse.sums(app);
    return app;
  }

  function lookups(app) {
    const { plots, meta } = app;
    const places = once(() => new Map(plots.id.map((id, plot) => [id, plot])));
    const figures = new Map();
    app.plotOf = (id) => (places().has(id) ? places().get(id) : -1);
    // the value of each plot's main user, null where there is none
    app.figures = function (key) {
      if (!figures.has(key)) {
        const { units, usersOf } = app.details();
        const main = (plot) => {
          const user = usersOf(plot)[0];
          return user === undefined ? null : units[key][user.unit];
        };
        figures.set(key, meta.partial ? plots.values[key] : plots.id.map((id, plot) => main(plot)));
      }
      return figures.get(key);
    };
    // the class by the run's own figures
    app.runClass = function (plot) {
      const at = plots.revitalised ? plots.revitalised.plot.indexOf(plot) : -1;
      const index = at < 0 ? plots.class[plot] : plots.revitalised.before[at];
      return index < 0 ? "" : meta.classes[index].key;
    };
    app.colourTitle = function () {
      const { colour, method, year } = app.state;
      if (colour === "change") return app.say("colour_change");
      const measure = meta.measures.find((one) => one.key === colour);
      if (measure && measure.labels) return measure.title;
      if (measure) return app.say(measure.unit ? "colour_title" : "colour_plain", { title: measure.title, unit: measure.unit, method: app.say("method_" + method) });
      return year === null ? "" : app.say("year_title", { year });
    };
  }

  function writeAddress(app) {
    const pairs = new URLSearchParams(landuse.writeFilter(app.filter));
    const { colour, method, year } = app.state;
    if (colour) pairs.append("colour", colour);
    if (colour && colour !== "change" && method !== "quantile") pairs.append("method", method);
    if (year !== null) pairs.append("year", String(year));
    if (app.selected >= 0) pairs.append("plot", app.plots.id[app.selected]);
    const wanted = "#" + pairs.toString();
    if (wanted !== (window.location.hash || "#")) window.history.replaceState(null, "", wanted);
  }

  function readAddress(app) {
    const pairs = new URLSearchParams(window.location.hash.slice(1));
    const wanted = pairs.has("plot") ? app.plotOf(pairs.get("plot")) : -1;
    const years = app.plots.revitalised ? app.plots.revitalised.year : [];
    const year = Number(pairs.get("year"));
    const known = pairs.get("colour") === "change" ? app.second() !== null : app.meta.measures.some((one) => one.key === pairs.get("colour"));
    app.setBoth(landuse.readFilter(pairs.toString()), {
      colour: known ? pairs.get("colour") : "",
      method: pairs.get("method") === "natural" ? "natural" : "quantile",
      year: years.length && year >= Math.min(...years) - 1 && year < Math.max(...years) ? year : null,
    });
    if (wanted !== app.selected) app.select(wanted, true);
  }

  // What changes the picture, and who hears of it.
  function acts(app) {
    const { map, shapes, layer, plots } = app;
    const mark = marker(map, shapes);
    const panel = document.getElementById("card");
    // the card at once, or when it has come from beside the page
    const show = (plot) => {
      if (app.meta.audience === "public") return landuse.publicCard(panel, plot, app);
      const waiting = app.ready(plot);
      if (!waiting) return landuse.card(panel, plot, app);
      panel.replaceChildren(landuse.element("h2", "value", plots.id[plot]), landuse.element("p", "", app.say("card_waits")));
      const come = (word) => app.selected === plot && (word ? (panel.lastChild.textContent = app.say(word)) : landuse.card(panel, plot, app));
      return waiting.then(() => come(""), () => come("card_missing"));
    };
    const take = function (filter) {
      const crossed = filter.min !== null && filter.max !== null && filter.min > filter.max;
      const known = app.meta.measures.some((one) => one.key === filter.indicator);
      app.filter = known ? filter : Object.assign({}, filter, { indicator: "" });
      if (!crossed) app.mask = landuse.maskOf(app.filter, app);
    };
    const theme = () => landuse.themeOf(app.state, app, layer.theme);
    const tell = function (...events) {
      for (const event of events) app.fire(event);
      app.fire("shown");
      writeAddress(app);
    };
    app.setFilter = function (filter) {
      take(filter);
      layer.setMask(app.mask);
      tell("filter");
    };
    app.setState = function (part) {
      Object.assign(app.state, part);
      layer.setTheme(theme());
      tell("theme");
    };
    // filter and colours at once: very many plots are drawn and counted once, not twice
    app.setBoth = function (filter, state) {
      take(filter);
      Object.assign(app.state, state);
      layer.mask = app.mask;
      layer.setTheme(theme());
      tell("filter", "theme");
    };
    app.select = function (plot, move) {
      app.selected = plot;
      panel.hidden = plot < 0;
      map.invalidateSize({ animate: false });
      mark(plot);
      layer.select(plot);
      if (plot >= 0) show(plot);
      if (plot >= 0 && move) fit(map, shapes, [plot], 16);
      else if (plot >= 0) keepInView(map, shapes, plot);
      app.fire("select");
      writeAddress(app);
    };
    app.fitAll = () => fit(map, shapes, plots.id.keys(), 17);
    app.fitMask = () => fit(map, shapes, Array.from(plots.id.keys()).filter((plot) => !app.mask || app.mask[plot]), 17);
  }

  function listen(app) {
    const { map, layer } = app;
    map.on("click", (event) => {
      if (app.measuring) return;
      const plot = layer.plotAt(event.latlng);
      if (plot >= 0) app.select(plot, false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !landuse.isTyping(event)) {
        event.preventDefault();
        document.getElementById("search-text").focus();
      }
    });
    window.addEventListener("hashchange", () => readAddress(app));
  }

  landuse.start = function (map) {
    const meta = landuse.block("meta");
    const plots = landuse.block("plots");
    const shapes = landuse.decodeShapes(landuse.block("shapes"));
    const app = makeApp(map, meta, plots, shapes);
    const say = app.say;
    heading(meta, say);
    lookups(app);
    map.attributionControl.setPrefix(false);
    map.getContainer().setAttribute("aria-label", say("map_label"));
    map.setView([0, 0], 3, { animate: false });
    fit(map, shapes, plots.id.keys(), 17);
    app.layer.labels = landuse.parkLabels(shapes, plots.park);
    app.layer.addTo(map);
    acts(app);
    landuse.tools(app);
    const panel = document.getElementById("groups");
    const legend = landuse.legend(document.getElementById("legend"), app);
    app.on("shown", legend);
    landuse.filterPanel(panel, app);
    landuse.coloursPanel(panel, app);
    landuse.layersPanel(panel, app);
    landuse.comparePanel(panel, app);
    landuse.basePanel(panel, app);
    landuse.aboutPanel(panel, app);
    listen(app);
    hint(map, app);
    landuse.search(document.getElementById("search"), app);
    landuse.app = app;
    readAddress(app);
    landuse.bridge(app);
  };
})();
