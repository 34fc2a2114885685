// What lies over or under the plots: parks with their type, land grades, marks of doubtful findings.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const GRADES = ["#c7a76c", "#d9c08f", "#e8d7b3", "#f1e7d0", "#f7f1e3", "#fbf8f0"];
  const PARK = { emerging: "#7b3294", traditional: "#12324a", employment: "#1b7837" };
  const NEAR = 0.05; // of the cut-off score

  function placed(app, kind) {
    const areas = app.areas();
    return areas.kind.map((one, i) => i).filter((i) => areas.kind[i] === kind && landuse.isDrawn(areas.shapes, i));
  }

  // The type of a park stands below it (its name above), the name of a grade somewhere inside.
  function label(areas, i, text, className) {
    const box = landuse.extent(areas.shapes, [i]);
    const below = landuse.latLng((box[0] + box[2]) / 2, box[3]);
    const place = className === "park-type" ? below : L.latLng(areas.inside[2 * i + 1], areas.inside[2 * i]);
    const holder = landuse.element("div", className);
    holder.append(landuse.element("bdi", "", text));
    const icon = L.divIcon({ html: holder, className: "area-label", iconSize: [0, 0] });
    return L.marker(place, { icon, pane: "areaNames", interactive: false, keyboard: false });
  }

  function areaLayer(app, pane, places, style, text, className) {
    const areas = app.areas();
    const group = L.layerGroup();
    for (const i of places) {
      const look = Object.assign({ pane, interactive: false }, style(i));
      L.polygon(landuse.latLngs(areas.shapes, i), look).addTo(group);
      if (text(i)) label(areas, i, text(i), className).addTo(group);
    }
    return group;
  }

  function parks(app) {
    const areas = app.areas();
    const style = (i) => ({ fill: false, color: PARK[areas.typeCode.values[areas.typeCode.at[i]]] || "#12324a", weight: 2.5, dashArray: "9 4" });
    const text = (i) => landuse.textAt(areas.type, i);
    return areaLayer(app, "parks", placed(app, "park"), style, text, "park-type");
  }

  function grades(app) {
    const areas = app.areas();
    const style = (i) => ({ stroke: true, color: "#8a6d3b", weight: 1.2, fillColor: GRADES[Math.min(areas.levels.indexOf(areas.name[i]), GRADES.length - 1)], fillOpacity: 0.75 });
    const text = (i) => (areas.price[i] === null ? areas.name[i] : app.say("grade_label", { name: areas.name[i], price: landuse.number(areas.price[i], 0, 2) }));
    return areaLayer(app, "grades", placed(app, "grade"), style, text, "grade-name");
  }

  function pane(map, name, order) {
    map.createPane(name).style.zIndex = String(order);
    map.getPane(name).style.pointerEvents = "none";
  }

  // Plots with a user whose finding is tied, or close to the cut-off, or would turn under a test.
  function doubtful(app) {
    const details = app.details();
    const units = details.units;
    const near = (unit) => {
      const margin = units.margin[unit];
      const cutoff = units.cutoff_score[unit];
      return (margin !== null && cutoff !== null && Math.abs(margin) <= NEAR * Math.abs(cutoff)) || (units.firmness[unit] !== null && units.firmness[unit] < 1);
    };
    const found = { tied: [], borderline: [] };
    app.plots.id.forEach((id, plot) => {
      const users = details.linksOf(plot);
      if (users.some((unit) => units.is_tied[unit])) found.tied.push(plot);
      if (users.some(near)) found.borderline.push(plot);
    });
    return found;
  }

  const MARKS = {
    flagged: { stroke: "#c1121f", width: 2, dash: [] },
    tied: { stroke: "#7b3294", width: 3.5, dash: [] },
    borderline: { stroke: "#d6006c", width: 2.5, dash: [5, 3] },
  };

  function marks(app, body) {
    const on = new Set();
    let found = null;
    const plotsOf = (name) => {
      if (name === "flagged") return Array.from(new Set([...app.plots.low, ...app.plots.idle]));
      found = found || doubtful(app);
      return found[name];
    };
    const draw = () => app.layer.setOutlines(Array.from(on, (name) => Object.assign({ plots: plotsOf(name) }, MARKS[name])));
    const known = app.meta.audience === "public" ? ["flagged"] : Object.keys(MARKS); // others need the figures
    for (const name of known) {
      const tick = landuse.tick(app.say("mark_" + name), false, (checked) => {
        if (checked) on.add(name);
        else on.delete(name);
        if (checked) tick.querySelector("span").textContent = app.say(app.meta.partial && name !== "flagged" ? "mark_partial" : "mark_counted", { name: app.say("mark_" + name), n: plotsOf(name).length });
        draw();
      });
      const key = landuse.element("i", "mark-key mark-" + name);
      tick.insertBefore(key, tick.lastChild);
      tick.dataset.layer = name;
      body.append(tick);
    }
  }

  function heading(body, text) {
    body.append(landuse.element("h3", "", text));
  }

  function switchable(body, app, name, layerOf, on) {
    let layer = null;
    const act = (checked) => {
      layer = layer || layerOf(app);
      if (checked) layer.addTo(app.map);
      else layer.remove();
    };
    const tick = landuse.tick(app.say("layer_" + name), on, act);
    tick.dataset.layer = name;
    body.append(tick);
    if (on) act(true);
  }

  landuse.layersPanel = function (panel, app) {
    pane(app.map, "grades", 350);
    pane(app.map, "parks", 420);
    pane(app.map, "areaNames", 430);
    const body = landuse.group(panel, "layers", app.say("layers"), false);
    const labels = app.layer.labels;
    heading(body, app.say("layers_ground"));
    if (labels.length) {
      const tick = landuse.tick(app.say("legend_parks"), true, (on) => app.layer.showLabels(on ? labels : null));
      tick.dataset.layer = "names";
      body.append(tick);
    }
    if (placed(app, "park").length) switchable(body, app, "parks", parks, true);
    if (placed(app, "grade").length) switchable(body, app, "grades", grades, false);
    heading(body, app.say("layers_marks"));
    marks(app, body);
  };
})();
