// The legend: count and mu as the tables have them, and a switch for each class.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});

  function sample(look) {
    const canvas = document.createElement("canvas");
    canvas.width = 28;
    canvas.height = 18;
    const context = canvas.getContext("2d");
    context.fillStyle = look.pattern ? landuse.pattern(context, look) : look.fill;
    context.fillRect(2, 2, 24, 14);
    context.strokeStyle = look.stroke;
    context.lineWidth = Math.max(look.width, 1);
    context.strokeRect(2, 2, 24, 14);
    return canvas;
  }

  function cells(row, count, mu) {
    const counted = landuse.element("td", "count", landuse.number(count, 0, 0));
    const area = landuse.element("td", "mu", landuse.number(mu, 2, 2));
    area.dataset.mu = String(mu);
    row.append(counted, area);
  }

  function totalRow(label, className, figures) {
    const row = landuse.element("tr", className);
    const head = landuse.element("th", "", label);
    head.scope = "row";
    row.append(head);
    cells(row, figures.count, figures.mu);
    return row;
  }

  function classRow(look, index, layer) {
    const row = landuse.element("tr");
    row.dataset.class = look.key;
    const head = landuse.element("th");
    head.scope = "row";
    const label = landuse.element("label");
    const box = landuse.element("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => layer.show(index, box.checked));
    label.append(box, sample(look), landuse.element("span", "", look.label));
    head.append(label);
    row.append(head);
    cells(row, look.count, look.mu);
    return row;
  }

  function parkSwitch(say, layer) {
    const label = landuse.element("label", "parks");
    const box = landuse.element("input");
    box.type = "checkbox";
    box.checked = true;
    const labels = layer.labels;
    box.addEventListener("change", () => layer.showLabels(box.checked ? labels : null));
    label.append(box, landuse.element("span", "", say("legend_parks")));
    label.hidden = !labels.length;
    return label;
  }

  landuse.legend = function (section, meta, say, layer) {
    const table = landuse.element("table");
    const heads = table.createTHead().insertRow();
    for (const word of ["legend_class", "legend_count", "legend_mu"]) {
      const head = landuse.element("th", "", say(word));
      head.scope = "col";
      heads.append(head);
    }
    const body = table.createTBody();
    meta.classes.forEach((look, index) => body.append(classRow(look, index, layer)));
    const foot = table.createTFoot();
    foot.append(totalRow(say("legend_total"), "total", meta.total));
    foot.append(totalRow(say("legend_flagged"), "flagged", meta.flagged));
    if (meta.idle) foot.append(totalRow(say("legend_idle"), "idle", meta.idle));
    section.append(table, parkSwitch(say, layer), landuse.element("p", "", say("legend_note")));
    const undrawn = Array.from({ length: layer.shapes.count }, (none, plot) => plot).filter(
      (plot) => !landuse.isDrawn(layer.shapes, plot)
    ).length;
    if (undrawn) section.append(landuse.element("p", "", say("undrawn", { n: undrawn })));
  };
})();
