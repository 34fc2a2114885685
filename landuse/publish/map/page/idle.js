// The supply contracts of a plot: the clock, what was found, what is proposed, what is missing.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  const number = landuse.number;

  // plot → its rows among the contracts, in the order of their numbers.
  function byPlot(contracts) {
    const rows = new Map();
    contracts.plot.forEach((plot, row) => rows.set(plot, (rows.get(plot) || []).concat(row)));
    return rows;
  }

  function list(say, kind, cell) {
    return cell.split("; ").filter(Boolean).map((one) => say(kind + "_" + one)).join("；");
  }

  function facts(row, app, contracts) {
    const say = app.say;
    const text = (name) => landuse.textAt(contracts[name], row);
    const word = (kind, name) => (text(name) ? say(kind + "_" + text(name)) : "");
    const wan = (name) => (contracts[name][row] === null ? "" : say("wan", { wan: number(contracts[name][row], 2, 6) }));
    const days = contracts.days_to_next[row];
    const place = [text("source_file"), text("source_sheet"), say("row", { row: contracts.source_row[row] })];
    const idle = text("finding") === "not_started" || text("finding") === "stalled";
    return [
      [say("idle_base"), text("base_on") ? say("with_note", { value: text("base_on"), note: word("base", "base_from") }) : ""],
      [say("idle_one_year"), text("one_year_on")],
      [say("idle_two_years"), text("two_years_on")],
      [say("idle_days"), days === null ? "" : say("idle_days_value", { days: number(days, 0, 0) })],
      [say("idle_cause"), idle ? word("cause", "cause") || say("idle_cause_blank") : ""],
      [say("idle_late"), contracts.late_delivery[row] ? say("idle_late_value") : ""],
      [say("idle_consequence"), word("consequence", "consequence")],
      [say("idle_price"), wan("price_wan"), true],
      [say("idle_fee"), wan("fee_wan"), true],
      [say("idle_missing"), list(say, "name", text("missing"))],
      [say("idle_remarks"), list(say, "remark", text("remarks"))],
      [say("source"), place.filter(Boolean).join(" · ")],
    ];
  }

  function contractCard(row, app, contracts) {
    const text = (name) => landuse.textAt(contracts[name], row);
    const finding = text("finding");
    const box = make("details", finding && finding !== "undetermined" ? "user idle" : "user");
    box.open = finding !== "";
    const head = make("summary");
    head.append(make("bdi", "", text("contract_no") || app.say("idle_no_number")));
    const said = finding ? app.say("finding_" + finding) : app.say("land_" + text("land_status"));
    head.append(make("span", "", "　" + said));
    const data = landuse.facts(facts(row, app, contracts));
    box.append(head, data);
    return box;
  }

  // What the card says of idleness; nothing where no supply contracts were given.
  landuse.idleCards = function (plot, app, details) {
    const contracts = details.contracts;
    if (!contracts) return [];
    details.contractsOf = details.contractsOf || byPlot(contracts);
    const status = landuse.textAt(details.parcels.land_status, plot);
    const rows = details.contractsOf.get(plot) || [];
    const line = app.say("idle_status", { status: app.say("land_" + status), n: rows.length });
    const parts = [make("h3", "", app.say("idle_heading")), make("p", "land-status", line)];
    return parts.concat(rows.map((row) => contractCard(row, app, contracts)));
  };
})();
