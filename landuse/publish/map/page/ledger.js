// The latest case of a plot on its card: state, areas, what was disposed, and its history.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  const number = landuse.number;

  const words = (say, kind, cell) => cell.split("; ").filter(Boolean).map((one) => say(kind + "_" + one)).join("；");

  // "2026-03-02T01:30:00Z" as the reader's own clock shows it.
  function moment(at) {
    const time = new Date(at);
    if (isNaN(time)) return at;
    const two = (value) => String(value).padStart(2, "0");
    return time.getFullYear() + "-" + two(time.getMonth() + 1) + "-" + two(time.getDate()) + " " + two(time.getHours()) + ":" + two(time.getMinutes());
  }

  function caseFacts(row, app, cases) {
    const say = app.say;
    const text = (name) => landuse.textAt(cases[name], row);
    const mu = (name) => (cases[name][row] ? say("mu_only", { mu: number(cases[name][row], 2, 4) }) : "");
    const floor = cases.accepted_floor_m2[row];
    return [
      [say("case_kind"), words(say, "kind", text("kind"))],
      [say("case_mu"), mu("case_mu")],
      [say("case_ways"), words(say, "way", text("ways"))],
      [say("case_disposed"), mu("disposed_mu")],
      [say("case_remaining"), say("mu_only", { mu: number(cases.remaining_mu[row], 2, 4) })],
      [say("case_accepted"), mu("accepted_mu")],
      [say("case_floor"), floor ? say("m2_only", { m2: number(floor, 0, 2) }) : ""],
      [say("case_accepted_on"), text("accepted_on")],
      [say("case_unit"), text("responsible_unit")],
      [say("case_person"), text("responsible_person")],
      [say("case_deadline"), text("deadline")],
      [say("case_relapse"), text("relapse_of")],
      [say("case_verdict"), words(say, "verdict", text("last_verdict"))],
      [say("case_comment"), text("last_comment")],
    ];
  }

  function history(acts, say) {
    const box = make("details", "case-history");
    box.append(make("summary", "", say("case_history", { n: acts.length })));
    const list = make("ol");
    for (const [at, by, said] of acts) {
      const item = make("li");
      item.append(make("time", "", moment(at)), make("bdi", "", by), make("span", "value", said));
      list.append(item);
    }
    box.append(list);
    return box;
  }

  // plot → its row among the cases, or -1.
  landuse.caseOf = function (app, plot) {
    const cases = app.cases();
    if (!cases) return -1;
    cases.rows = cases.rows || new Map(cases.plot.map((one, row) => [one, row]));
    return cases.rows.has(plot) ? cases.rows.get(plot) : -1;
  };

  // Number and state of the case, at the head of the card.
  landuse.caseChip = function (plot, app) {
    const state = landuse.textAt(app.plots.state, plot);
    if (!app.meta.ledger || !state) return [];
    const row = landuse.caseOf(app, plot);
    const number = row < 0 ? "" : landuse.textAt(app.cases().number, row) + " · ";
    return [make("p", "card-class case-chip", app.say("case_chip", { number, state: app.say("state_" + state) }))];
  };

  landuse.caseCards = function (plot, app) {
    const say = app.say;
    if (!app.meta.ledger) return [];
    const parts = [make("h3", "", say("case_heading"))];
    const state = landuse.textAt(app.plots.state, plot);
    const row = landuse.caseOf(app, plot);
    if (row < 0) return parts.concat(make("p", "", state ? say("state_" + state) : say("case_none")));
    const cases = app.cases();
    const line = make("p", "case-state");
    line.append(make("b", "value", landuse.textAt(cases.number, row)), make("span", "", "　" + say("state_" + (state || landuse.textAt(cases.state, row)))));
    const list = landuse.facts(caseFacts(row, app, cases));
    parts.push(line);
    if (cases.accepted_mu[row] > 0 && state !== "closed") parts.push(make("p", "reason plain", say("case_partly")));
    parts.push(list);
    if (cases.history[row].length) parts.push(history(cases.history[row], say));
    return parts;
  };
})();
