// Before and after: of a revitalised plot, and of a plot in the two runs that are compared.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;

  function table(heads, rows) {
    const made = make("table", "before-after");
    const top = made.createTHead().insertRow();
    for (const one of heads) {
      const head = make("th", "", one);
      head.scope = "col";
      top.append(head);
    }
    const body = made.createTBody();
    for (const [label, ...cells] of rows) {
      const row = body.insertRow();
      const head = make("th", "", label);
      head.scope = "row";
      row.append(head, ...cells.map((one) => make("td", "value", one)));
    }
    return made;
  }

  const classLabel = (app, key) => (key ? app.say("class_" + key) : app.say("change_absent"));

  // What this run finds, and what the ledger accepted since.
  function revitalised(plot, app) {
    const say = app.say;
    const done = app.plots.revitalised;
    const at = done ? done.plot.indexOf(plot) : -1;
    if (at < 0) return [];
    const row = landuse.caseOf(app, plot);
    const cases = app.cases();
    const mu = (value) => (value ? say("mu_only", { mu: landuse.number(value, 2, 2) }) : "—");
    const look = app.meta.classes[done.before[at]];
    const rows = [[say("before_class"), look ? look.label : "—", say("class_revitalised")]];
    if (row >= 0) {
      const ways = landuse.textAt(cases.ways, row).split("; ").filter(Boolean).map((one) => say("way_" + one)).join("；");
      rows.push([say("before_area"), mu(cases.case_mu[row]), mu(cases.accepted_mu[row])]);
      rows.push([say("before_way"), "—", ways || "—"]);
      rows.push([say("before_floor"), "—", cases.accepted_floor_m2[row] ? say("m2_only", { m2: landuse.number(cases.accepted_floor_m2[row], 0, 2) }) : "—"]);
      rows.push([say("before_day"), app.meta.as_of, landuse.textAt(cases.accepted_on, row)]);
    }
    return [make("h3", "", say("before_heading")), table(["", say("before"), say("after")], rows)];
  }

  // The plot in the earlier and in the later run.
  function compared(plot, app, details) {
    const say = app.say;
    const second = app.second();
    if (!second) return [];
    const there = second.at[plot];
    const own = app.runClass(plot);
    const other = there < 0 ? "" : second.keyOf(there);
    const user = details.usersOf(plot)[0];
    const name = user ? details.units.name[user.unit] : "";
    const pair = (mine, theirs) => (second.earlier ? [theirs, mine] : [mine, theirs]);
    const rows = [[say("before_class"), ...pair(classLabel(app, own), classLabel(app, other))]];
    rows.push([say("before_user"), ...pair(name || "—", there < 0 ? "—" : landuse.textAt(second.main_name, there) || "—")]);
    for (const one of app.meta.measures) {
      const theirs = there < 0 || !second.values[one.key] ? null : second.values[one.key][there];
      rows.push([one.title, ...pair(landuse.ratio(app.figures(one.key)[plot]), landuse.ratio(theirs))]);
    }
    const heads = pair(landuse.runName(app.meta, say), landuse.runName(second, say));
    return [make("h3", "", say("compare_heading")), table(["", ...heads], rows)];
  }

  landuse.runName = (about, say) => say("run_name", { year: about.year, as_of: about.as_of });
  landuse.beforeAfter = (plot, app, details) => [...revitalised(plot, app), ...compared(plot, app, details)];
})();
