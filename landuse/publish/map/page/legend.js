// The legend: count and mu of what passes the filter, and a switch for each look.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;

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

  function cells(row, figures) {
    const area = make("td", "mu", landuse.number(figures.mu, 2, 2));
    area.dataset.mu = String(figures.mu);
    row.append(make("td", "count", landuse.number(figures.count, 0, 0)), area);
  }

  function plainRow(label, className, figures) {
    const row = make("tr", className);
    const head = make("th", "", label);
    head.scope = "row";
    row.append(head);
    cells(row, figures);
    return row;
  }

  function lookRow(look, index, figures, layer) {
    const row = make("tr");
    row.dataset.class = look.key;
    const head = make("th");
    head.scope = "row";
    const label = make("label");
    const box = make("input");
    box.type = "checkbox";
    box.checked = layer.shown[index];
    box.addEventListener("change", () => layer.show(index, box.checked));
    label.append(box, sample(look), make("span", "", look.label));
    head.append(label);
    row.append(head);
    cells(row, figures);
    return row;
  }

  function heads(table, say) {
    const row = table.createTHead().insertRow();
    for (const word of ["legend_class", "legend_count", "legend_mu"]) {
      const head = make("th", "", say(word));
      head.scope = "col";
      row.append(head);
    }
  }

  function undrawn(layer) {
    let count = 0;
    for (let plot = 0; plot < layer.shapes.count; plot++) if (!landuse.isDrawn(layer.shapes, plot)) count++;
    return count;
  }

  function foot(app, all) {
    const { meta, say, mask } = app;
    const rows = [plainRow(say(mask ? "legend_passing" : "legend_total"), "total", mask ? all : meta.total)];
    const low = mask ? app.sums.low(mask) : meta.flagged;
    if (meta.flagged) rows.push(plainRow(say("legend_flagged"), "flagged", low));
    if (meta.idle) rows.push(plainRow(say("legend_idle"), "idle", mask ? app.sums.idle(mask) : meta.idle));
    if (meta.ledger) {
      const done = app.sums.revitalised(mask);
      rows.push(plainRow(say("legend_accepted"), "accepted", done));
      const floor = make("tr", "floor");
      const head = make("th", "", say("legend_floor"));
      head.scope = "row";
      const area = make("td", "", landuse.number(done.floor, 0, 2));
      area.colSpan = 2;
      floor.append(head, area);
      rows.push(floor);
    }
    return rows;
  }

  // Draws the legend of the layer's theme; call the result again when theme or filter change.
  landuse.legend = function (section, app) {
    const { meta, say, layer } = app;
    const heading = make("p", "legend-theme");
    const table = make("table");
    heads(table, say);
    const body = table.createTBody();
    const foots = table.createTFoot();
    section.append(heading, table, make("p", "", say("legend_note")));
    const lost = undrawn(layer);
    if (lost && !meta.tiled) section.append(make("p", "", say("undrawn", { n: lost })));
    return function () {
      const { looks, groupOf, kind } = layer.theme;
      const sums = app.sums.groups(groupOf, looks.length, app.mask);
      const asTables = kind === "class" && !app.mask && app.state.year === null;
      heading.textContent = app.colourTitle();
      heading.hidden = !heading.textContent;
      body.replaceChildren(...looks.map((look, i) => lookRow(look, i, asTables ? look : sums[i], layer)));
      foots.replaceChildren(...foot(app, sums[looks.length]));
    };
  };
})();
