// Which plots pass: the same meaning as landuse/schema/plot_filter.py, and the same names in the address.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const NONE = "none";
  const LISTS = ["class", "state", "industry", "park"];

  landuse.noFilter = () => ({ q: "", class: [], state: [], industry: [], park: [], indicator: "", min: null, max: null });

  const number = (text) => {
    const value = text === null || text.trim() === "" ? NaN : Number(text.normalize("NFKC"));
    return Number.isFinite(value) ? value : null;
  };

  // From "q=…&class=…": names that are not ours and numbers that are none are nobody's concern.
  landuse.readFilter = function (query) {
    const pairs = new URLSearchParams(query);
    const filter = landuse.noFilter();
    for (const name of LISTS) filter[name] = Array.from(new Set(pairs.getAll(name).filter(Boolean)));
    filter.q = pairs.get("q") || "";
    filter.indicator = pairs.get("indicator") || "";
    filter.min = number(pairs.get("min"));
    filter.max = number(pairs.get("max"));
    return filter;
  };

  landuse.writeFilter = function (filter) {
    const pairs = new URLSearchParams();
    if (filter.q) pairs.append("q", filter.q);
    for (const name of LISTS) for (const value of filter[name]) pairs.append(name, value);
    if (filter.indicator) pairs.append("indicator", filter.indicator);
    for (const name of ["min", "max"]) if (filter[name] !== null) pairs.append(name, String(filter[name]));
    return pairs.toString();
  };

  landuse.hasRange = (filter) => Boolean(filter.indicator) && (filter.min !== null || filter.max !== null);

  landuse.isAll = (filter) =>
    !landuse.fold(filter.q) && LISTS.every((name) => !filter[name].length) && !landuse.hasRange(filter);

  // What is searched of each plot, folded once: code, park, holder, users, contracts, case number.
  landuse.searchTexts = function (app) {
    const details = app.details();
    const plots = app.plots;
    const names = details.units.name.map((name, i) => landuse.fold(name) + "\n" + landuse.fold(details.units.uscc[i]));
    const fold = (column) => column.values.map(landuse.fold);
    const parks = fold(plots.park);
    const holders = fold(details.parcels.holder);
    const texts = plots.id.map((id, plot) => {
      const parts = [landuse.fold(id), parks[plots.park.at[plot]], holders[details.parcels.holder.at[plot]] || ""];
      for (const user of details.linksOf(plot)) parts.push(names[user]);
      return parts.join("\n");
    });
    const add = (block, name) => {
      if (!block) return;
      block.plot.forEach((plot, row) => (texts[plot] += "\n" + landuse.fold(landuse.textAt(block[name], row))));
    };
    add(details.contracts, "contract_no");
    add(app.cases(), "number");
    return texts;
  };

  const wanted = (values) => new Set(values.map((one) => (one === NONE ? "" : one)));

  // A test of one column of texts: which of its values are wanted, looked up once a value.
  function member(column, values) {
    const set = wanted(values);
    const good = column.values.map((one) => set.has(one));
    return (row) => good[column.at[row]];
  }

  const inRange = (filter, value) =>
    value !== null && value !== undefined && (filter.min === null || value >= filter.min) && (filter.max === null || value <= filter.max);

  // The plots of which a further user meets industry and range.
  function anyOther(others, meets, filter) {
    const test = meets(others.division, others.values[filter.indicator] || []);
    return new Set(others.plot.filter((plot, row) => test(row)));
  }

  // Whether at least one user meets industry and range together.
  function userTest(filter, app) {
    const details = app.details();
    const units = details.units;
    const range = landuse.hasRange(filter);
    const meets = (divisions, values) => {
      const industry = filter.industry.length ? member(divisions, filter.industry) : () => true;
      return (row) => industry(row) && (!range || inRange(filter, values[row]));
    };
    const unit = meets(units.division, units[filter.indicator] || []);
    // in a very large run the users of a plot without a card stand by its place, the main one apart
    const lone = app.meta.partial ? meets(app.plots.division, app.plots.values[filter.indicator] || []) : () => false;
    const others = app.meta.partial ? anyOther(app.plots.others, meets, filter) : new Set();
    return (plot) => {
      const users = details.linksOf(plot);
      return users.length ? users.some(unit) : lone(plot) || others.has(plot);
    };
  }

  // 1 or 0 a plot; null where every plot passes.
  landuse.maskOf = function (filter, app) {
    if (landuse.isAll(filter)) return null;
    const plots = app.plots;
    const keys = app.meta.classes.map((look) => look.key);
    const tests = [];
    if (filter.class.length) {
      const good = keys.map((key) => filter.class.includes(key));
      tests.push((plot) => good[plots.class[plot]]);
    }
    if (filter.state.length) tests.push(member(plots.state, filter.state));
    if (filter.park.length) tests.push(member(plots.park, filter.park));
    if (filter.industry.length || landuse.hasRange(filter)) tests.push(userTest(filter, app));
    const text = landuse.fold(filter.q);
    if (text) {
      const texts = app.texts();
      tests.push((plot) => texts[plot].includes(text));
    }
    const mask = new Uint8Array(plots.id.length);
    for (let plot = 0; plot < mask.length; plot++) mask[plot] = tests.every((test) => test(plot)) ? 1 : 0;
    return mask;
  };
})();
