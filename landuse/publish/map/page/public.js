// The card of a public copy: what may be told of a plot, or of the park or square that stands for many.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;

  function bands(plot, app) {
    return app.meta.measures.map((one) => {
      const band = app.plots.values[one.key][plot];
      return [one.title, band === null ? "" : one.labels[band - 1]];
    });
  }

  function within(rows, app) {
    const table = make("table", "within");
    const heads = table.createTHead().insertRow();
    for (const word of ["before_class", "plot_count", "legend_mu"]) {
      const head = make("th", "", app.say(word));
      head.scope = "col";
      heads.append(head);
    }
    const body = table.createTBody();
    for (const [label, count, mu] of rows) {
      const row = body.insertRow();
      const head = make("th", "", label);
      head.scope = "row";
      row.append(head, make("td", "", landuse.number(count, 0, 0)), make("td", "", landuse.number(mu, 0, 0)));
    }
    return table;
  }

  landuse.publicCard = function (panel, plot, app) {
    const say = app.say;
    const { plots, meta } = app;
    const look = meta.classes[plots.class[plot]];
    const head = make("div", "card-head");
    head.append(make("h2", "value", plots.within ? plots.id[plot] : say("card_number", { id: plots.id[plot] })));
    head.append(landuse.button(say("close"), () => app.select(-1, false)));
    const chip = make("p", "card-class", look.label);
    chip.style.borderColor = look.stroke;
    panel.setAttribute("aria-label", say("card_label", { id: plots.id[plot] }));
    panel.replaceChildren(head, chip);
    if (look.key === "withheld") panel.append(make("p", "reason plain", say("card_withheld")));
    const division = landuse.textAt(plots.division, plot);
    panel.append(landuse.facts([
      [say("accounting_area"), say("card_area", { mu: landuse.number(plots.mu[plot], 0, 0) })],
      [say("park"), landuse.textAt(plots.park, plot)],
      [say("filter_industry"), division ? meta.divisions[division] || division : ""],
      ...bands(plot, app),
    ]));
    if (plots.within) panel.append(make("h3", "", say("card_classes")), within(plots.within[plot], app));
    panel.append(make("p", "small", say("notice")));
    panel.scrollTop = 0;
  };
})();
