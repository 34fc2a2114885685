// Puts the page together: words, layer, legend, search, card.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const SVG = "http://www.w3.org/2000/svg";

  function heading(meta, say) {
    for (const place of document.querySelectorAll("[data-word]")) place.textContent = say(place.dataset.word);
    document.title = say("title") + (meta.project ? " · " + meta.project : "");
    document.getElementById("project").textContent = meta.project;
    const facts = [say("as_of", { as_of: meta.as_of }), say("year", { year: meta.year }), meta.rules, say("run", { run_id: meta.run_id })];
    document.getElementById("facts").textContent = facts.join("　");
  }

  function northArrow(say) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const holder = landuse.element("div", "north");
      const svg = document.createElementNS(SVG, "svg");
      const shapes = [
        ["path", { d: "M16 3 L25 35 L16 29 Z", fill: "#12324a" }],
        ["path", { d: "M16 3 L7 35 L16 29 Z", fill: "#fff", stroke: "#12324a" }],
        ["text", { x: "16", y: "48", "text-anchor": "middle", "font-size": "13", "font-weight": "700" }],
      ];
      svg.setAttribute("width", "32");
      svg.setAttribute("height", "50");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", say("north"));
      for (const [tag, attributes] of shapes) {
        const part = document.createElementNS(SVG, tag);
        for (const name of Object.keys(attributes)) part.setAttribute(name, attributes[name]);
        if (tag === "text") part.textContent = "N";
        svg.append(part);
      }
      holder.append(svg);
      return holder;
    };
    return control;
  }

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

  landuse.start = function (map) {
    const meta = landuse.block("meta");
    const say = landuse.sayer(meta.words);
    const plots = landuse.block("plots");
    const shapes = landuse.decodeShapes(landuse.block("shapes"));
    const layer = new landuse.PlotLayer(shapes, plots.class, meta.classes);
    let details = null;
    const app = {
      meta, say, plots, shapes, layer, map,
      selected: -1,
      // the cards are read when the first one is needed, so that the map opens sooner
      details: () => (details = details || landuse.cardData(landuse.block("details"))),
      users: (plot) => app.details().usersOf(plot).map((user) => app.details().units.name[user.unit]),
    };
    heading(meta, say);
    map.attributionControl.setPrefix(false);
    map.getContainer().setAttribute("aria-label", say("map_label"));
    map.setView([0, 0], 3, { animate: false });
    fit(map, shapes, plots.id.keys(), 17);
    layer.labels = landuse.parkLabels(shapes, plots.park);
    layer.addTo(map);
    L.control.scale({ imperial: false, maxWidth: 180 }).addTo(map);
    northArrow(say).addTo(map);
    landuse.legend(document.getElementById("legend"), meta, say, layer);

    const mark = marker(map, shapes);
    const panel = document.getElementById("card");
    app.select = function (plot, move) {
      app.selected = plot;
      panel.hidden = plot < 0;
      map.invalidateSize({ animate: false });
      mark(plot);
      if (plot < 0) return;
      landuse.card(panel, plot, app);
      if (move) fit(map, shapes, [plot], 16);
      else keepInView(map, shapes, plot);
    };
    map.on("click", (event) => {
      const plot = layer.plotAt(event.latlng);
      if (plot >= 0) app.select(plot, false);
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.tagName === "INPUT" && event.target.type === "text";
      if (event.key === "/" && !typing) {
        event.preventDefault();
        document.getElementById("search-text").focus();
      }
    });
    hint(map, app);
    landuse.search(document.getElementById("search"), app);
    landuse.app = app;
  };
})();
