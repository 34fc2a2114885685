// The card of a plot: what it is, who uses it, and why it is or is not flagged.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  const number = landuse.number;

  landuse.cardData = function (details) {
    const first = new Uint32Array(details.links.per_plot.length + 1);
    details.links.per_plot.forEach((count, plot) => (first[plot + 1] = first[plot] + count));
    const flagged = (unit) => landuse.textAt(details.units.status, unit) === "low_efficiency";
    details.usersOf = function (plot) {
      const users = [];
      for (let link = first[plot]; link < first[plot + 1]; link++) {
        const unit = details.links.unit[link];
        users.push({ link, unit, flagged: flagged(unit), mu: details.links.area_mu[link] });
      }
      return users.sort((a, b) => b.flagged - a.flagged || b.mu - a.mu || a.link - b.link);
    };
    // the users of a plot by their places among the units, in no order
    details.linksOf = (plot) => details.links.unit.slice(first[plot], first[plot + 1]);
    return details;
  };

  // A definition list; pairs whose value is empty are left out. A third part that is true marks
  // what the presenter's view hides: codes and money.
  function facts(pairs) {
    const list = make("dl");
    for (const [label, value, sensitive] of pairs) {
      if (value === "" || value === null || value === undefined) continue;
      const mark = sensitive ? "sensitive" : "";
      list.append(make("dt", mark, label), make("dd", ("value " + mark).trim(), value));
    }
    return list;
  }
  landuse.facts = facts;

  function code(say, kind, value) {
    if (!value) return "";
    const key = kind + "_" + value;
    const words = say(key);
    return words === key ? value : words;
  }

  function muText(say, mu) {
    return mu === null ? "" : say("mu", { mu: number(mu, 2, 2), m2: number((mu * 2000) / 3, 0, 0) });
  }

  function whoAndWhere(plot, app, parcels) {
    const say = app.say;
    const text = (name) => landuse.textAt(parcels[name], plot);
    const parkType = code(say, "park_type", text("park_type"));
    const park = landuse.textAt(app.plots.park, plot);
    const flagged = app.plots.flagged_mu[plot];
    return facts([
      [say("holder"), text("holder")],
      [say("township"), text("township")],
      [say("park"), park && parkType ? say("with_note", { value: park, note: parkType }) : park],
      [say("accounting_area"), muText(say, app.plots.mu[plot])],
      [say("flagged_area"), flagged ? muText(say, flagged) : ""],
      [say("scope"), parcels.in_scope[plot] ? "" : say("out_of_scope")],
      [say("construction"), parcels.under_construction[plot] ? say("under_construction") : ""],
    ]);
  }

  function areasAndPrice(plot, app, parcels) {
    const say = app.say;
    const text = (name) => landuse.textAt(parcels[name], plot);
    const price = parcels.benchmark_price_yuan_per_m2[plot];
    const coefficient = parcels.price_coefficient[plot];
    return facts([
      [say("land_use"), text("land_use_code")],
      [say("area_source"), code(say, "area_source", text("area_source"))],
      [say("registered_area"), muText(say, parcels.registered_area_mu[plot])],
      [say("geometry_area"), muText(say, parcels.geometry_area_mu[plot])],
      [say("used_area"), muText(say, parcels.used_area_mu[plot])],
      [say("unused_area"), muText(say, parcels.unused_area_mu[plot])],
      [say("price"), price === null ? say("no_price") : say("price_value", { price: number(price, 0, 2) })],
      [say("coefficient"), coefficient === null ? "" : number(coefficient, 4, 4)],
    ]);
  }

  // One sentence that says why: with the unit's own numbers, in the words of the catalogue.
  function why(unit, app, units) {
    const say = app.say;
    if (!units.known[unit]) return say("why_unknown");
    const text = (name) => landuse.textAt(units[name], unit);
    const status = text("status");
    const reason = text("reason");
    const words = reason ? app.say("reason_" + reason) : "";
    if (status === "exempt" || status === "ungraded") return say("why_" + status, { reason: words });
    const margin = units.margin[unit];
    const gap = margin === null ? "gap_none" : margin < 0 ? "gap_below" : margin > 0 ? "gap_above" : "gap_at";
    const values = {
      cohort: app.meta.cohorts[text("cohort")] || "",
      n: number(units.cohort_size[unit], 0, 0),
      score: number(units.score[unit], 4, 6),
      rank: number(units.rank[unit], 0, 0),
      quota: number(units.quota[unit], 0, 0),
      cutoff: number(units.cutoff_score[unit], 4, 6),
      gap: say(gap, { margin: number(Math.abs(margin || 0), 4, 6) }),
    };
    let sentence = say("why_" + status, values);
    if (words && status !== "sample_too_small") sentence += say("why_remark", { reason: words });
    if (units.is_tied[unit]) sentence += say(status === "low_efficiency" ? "tied_in" : "tied_out");
    return sentence;
  }

  // How firm the finding is, and each test that would turn it.
  function firmness(unit, app, units) {
    const words = landuse.textAt(units.firm, unit);
    if (!words) return [];
    const list = make("ul", "flips");
    for (const flip of landuse.textAt(units.flips_under, unit).split("; ").filter(Boolean)) {
      list.append(make("li", "", app.meta.flips[flip] || flip));
    }
    return [make("p", "firmness", words), list];
  }

  function indicators(unit, app, units) {
    const say = app.say;
    const table = make("table");
    const heads = table.createTHead().insertRow();
    for (const word of ["indicator", "raw", "adjusted", "benchmark", "weight"]) {
      const head = make("th", "", say(word));
      head.scope = "col";
      heads.append(head);
    }
    const benchmarks = app.meta.benchmarks[landuse.textAt(units.cohort, unit)] || [];
    const body = table.createTBody();
    app.meta.indicators.forEach((one, i) => {
      const row = body.insertRow();
      const head = make("th", "", one.title);
      head.scope = "row";
      head.append(make("small", "", one.unit));
      const adjusted = one.on_land ? units["adjusted_" + one.key][unit] : null;
      const benchmark = benchmarks[i] === undefined ? null : benchmarks[i];
      row.append(head);
      for (const value of [units[one.key][unit], adjusted, benchmark]) row.append(make("td", "", landuse.ratio(value)));
      row.append(make("td", "", number(one.weight, 2, 4)));
    });
    return table;
  }

  function ranking(unit, app, units) {
    const say = app.say;
    if (units.score[unit] === null) return facts([]);
    return facts([
      [say("score"), number(units.score[unit], 4, 6)],
      [say("rank"), say("rank_of", { rank: number(units.rank[unit], 0, 0), n: number(units.cohort_size[unit], 0, 0) })],
      [say("quota"), number(units.quota[unit], 0, 0)],
      [say("cutoff"), number(units.cutoff_score[unit], 4, 6)],
      [say("margin"), number(units.margin[unit], 4, 6)],
    ]);
  }

  function linkFacts(user, app, details) {
    const say = app.say;
    const links = details.links;
    const text = (name) => landuse.textAt(links[name], user.link);
    const place = [text("source_file"), text("source_sheet"), say("row", { row: links.source_row[user.link] })];
    return facts([
      [say("link_area"), muText(say, user.mu)],
      [say("area_rule"), code(say, "area_rule", text("area_rule"))],
      [say("relation"), code(say, "relation", text("relation"))],
      [say("evidence"), say("with_note", { value: code(say, "evidence", text("evidence")), note: code(say, "certainty", text("certainty")) })],
      [say("source"), text("source_file") ? place.filter(Boolean).join(" · ") : ""],
      [say("counted"), links.counted[user.link] ? "" : say("not_counted")],
    ]);
  }

  function unitFacts(unit, app, units) {
    const say = app.say;
    if (!units.known[unit]) return facts([[say("uscc"), units.uscc[unit], true]]);
    const text = (name) => landuse.textAt(units[name], unit);
    return facts([
      [say("uscc"), units.uscc[unit], true],
      [say("unit"), text("unit_id"), true],
      [say("industry"), text("industry_code")],
      [say("unit_area"), units.area_mu[unit] === null ? "" : say("unit_area_value", { mu: number(units.area_mu[unit], 2, 2), n: number(units.parcel_count[unit], 0, 0) })],
      [say("adjusted_area"), units.adjusted_area_mu[unit] === null ? "" : say("mu_only", { mu: number(units.adjusted_area_mu[unit], 2, 2) })],
      [say("unit_coefficient"), units.price_coefficient[unit] === null ? "" : number(units.price_coefficient[unit], 4, 4)],
      ...app.meta.figures.map((one) => [one.title, units[one.column][unit] === null ? "—" : number(units[one.column][unit], 0, 2) + " " + one.unit, true]),
      [say("grade_class"), text("grade_class")],
    ]);
  }

  // Where the unit stands among those it was compared with: a picture an indicator, and the score.
  function pictures(unit, app, units) {
    const say = app.say;
    const cohort = landuse.textAt(units.cohort, unit);
    const spreads = app.meta.distributions[cohort] || {};
    const benchmarks = app.meta.benchmarks[cohort] || [];
    const box = make("div", "spreads");
    const put = (key, own, mark, word, title) => {
      if (spreads[key]) box.append(landuse.distributionPicture(spreads[key], own, mark === undefined ? null : mark, word, title, say));
    };
    put("score", units.score[unit], units.cutoff_score[unit], "cutoff", say("score"));
    app.meta.indicators.forEach((one, i) => {
      const own = one.on_land ? units["adjusted_" + one.key][unit] : units[one.key][unit];
      put(one.key, own, benchmarks[i], "benchmark", one.title + (one.unit ? "（" + one.unit + "）" : ""));
    });
    if (box.childNodes.length) box.prepend(make("h3", "", say("spread_heading", { cohort: app.meta.cohorts[cohort] || "" })));
    return box;
  }

  function userCard(user, open, app, details) {
    const units = details.units;
    const box = make("details", user.flagged ? "user low" : "user");
    box.open = open;
    const status = units.known[user.unit] ? landuse.textAt(units.status, user.unit) : "unknown";
    const head = make("summary");
    head.append(make("bdi", "", units.name[user.unit] || units.uscc[user.unit]));
    head.append(make("span", "", "　" + app.say("status_" + status)));
    box.append(head, make("p", user.flagged ? "reason" : "reason plain", why(user.unit, app, units)));
    box.append(...firmness(user.unit, app, units), linkFacts(user, app, details), make("h3", "", app.say("figures")));
    box.append(unitFacts(user.unit, app, units));
    if (units.known[user.unit]) box.append(indicators(user.unit, app, units), ranking(user.unit, app, units), pictures(user.unit, app, units));
    return box;
  }

  // Buttons to the previous and next flagged plot, in the order of the codes.
  function steps(plot, app) {
    app.flagged = app.flagged || Array.from(app.plots.id.keys()).filter((one) => app.meta.classes[app.plots.class[one]].flagged);
    const bar = make("div", "card-steps");
    if (!app.flagged.length) return bar;
    const before = app.flagged.filter((one) => one < plot);
    const after = app.flagged.filter((one) => one > plot);
    const at = app.flagged.indexOf(plot);
    const step = (word, target) => {
      const button = make("button", "", app.say(word));
      button.type = "button";
      button.disabled = target === undefined;
      button.addEventListener("click", () => {
        app.select(target, true);
        document.getElementById("card").focus();
      });
      return button;
    };
    const place = at < 0 ? app.say("flagged_count", { n: app.flagged.length }) : app.say("flagged_place", { k: at + 1, n: app.flagged.length });
    bar.append(step("previous", before[before.length - 1]), step("next", after[0]), make("span", "", place));
    return bar;
  }

  // What images say of the plot; it never makes a finding.
  function evidence(plot, app, details) {
    const images = details.evidence;
    const rows = images ? images.text.filter((text, row) => images.plot[row] === plot) : [];
    if (!rows.length) return [];
    const list = make("ul", "evidence");
    list.append(...rows.map((text) => make("li", "value", text)));
    return [make("h3", "", app.say("evidence_heading")), list, make("p", "small", app.say("evidence_note"))];
  }

  landuse.card = function (panel, plot, app) {
    const say = app.say;
    const details = app.details(plot);
    const look = app.meta.classes[app.plots.class[plot]];
    const head = make("div", "card-head");
    const close = make("button", "close", say("close"));
    close.type = "button";
    close.addEventListener("click", () => app.select(-1, false));
    head.append(make("h2", "value", app.plots.id[plot]), close);
    const chip = make("p", "card-class", look.label);
    chip.style.borderColor = look.fill === "#ffffff" ? look.stroke : look.fill;
    const users = details.usersOf(plot);
    panel.setAttribute("aria-label", say("card_label", { id: app.plots.id[plot] }));
    panel.replaceChildren(head, chip, ...landuse.caseChip(plot, app), steps(plot, app));
    panel.append(make("p", "reason" + (look.flagged ? "" : " plain"), say("class_why_" + look.key)));
    panel.append(whoAndWhere(plot, app, details.parcels));
    panel.append(...landuse.beforeAfter(plot, app, details), ...landuse.idleCards(plot, app, details));
    // in a very large run only flagged plots bring their users along
    const elsewhere = app.meta.partial && !look.flagged;
    const heading = elsewhere ? "users_elsewhere" : users.length ? "users" : "no_users";
    panel.append(make("h3", "", say(heading, { n: users.length })));
    users.forEach((user, i) => panel.append(userCard(user, i === 0 || user.flagged, app, details)));
    panel.append(...evidence(plot, app, details), ...landuse.caseCards(plot, app));
    panel.append(make("h3", "", say("plot_data")), areasAndPrice(plot, app, details.parcels));
    panel.append(make("p", "small", say("notice")));
    panel.scrollTop = 0;
  };
})();
