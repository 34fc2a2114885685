// The cards of a run too large for one page: those that matter stand in it, the others lie beside it
// in pieces (where the map has a folder), each fetched when a plot of it is chosen.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const KEPT = 6; // pieces in memory

  function spreadColumn(column, plots) {
    const spread = (list) => {
      const found = [];
      plots.forEach((plot, row) => (found[plot] = list[row]));
      return found;
    };
    if (Array.isArray(column)) return spread(column);
    return column && column.at ? { values: column.values, at: spread(column.at) } : column;
  }

  // Cards of some plots (`plots` names their places) so that they are found by the place of a plot.
  landuse.spread = function (details, count) {
    if (!details.plots) {
      details.has = () => true;
      return details;
    }
    const plots = details.plots;
    const known = new Set(plots);
    for (const name of Object.keys(details.parcels)) details.parcels[name] = spreadColumn(details.parcels[name], plots);
    const links = new Uint32Array(count);
    plots.forEach((plot, row) => (links[plot] = details.links.per_plot[row]));
    details.links.per_plot = links;
    details.has = (plot) => known.has(plot);
    return details;
  };

  // of(plot): the cards that hold this plot's, or those of the page; ready(plot): null if the card
  // is here or nowhere, else the promise that it has come.
  landuse.cards = function (meta, count) {
    let own = null;
    const pieces = new Map();
    const read = (details) => landuse.cardData(landuse.spread(details, count));
    const main = () => (own = own || read(landuse.block("details")));
    const place = (plot) => Math.floor(plot / meta.cards.piece);

    async function fetched(number) {
      const answer = await fetch(meta.cards.files + number + ".json");
      if (!answer.ok) throw new Error(answer.url + ": " + answer.status);
      return read(await answer.json());
    }

    return {
      of(plot) {
        if (plot === undefined || !meta.cards || main().has(plot)) return main();
        return pieces.get(place(plot)) || main();
      },
      ready(plot) {
        if (!meta.cards || main().has(plot) || pieces.has(place(plot))) return null;
        return fetched(place(plot)).then((piece) => {
          pieces.set(place(plot), piece);
          if (pieces.size > KEPT) pieces.delete(pieces.keys().next().value);
        });
      },
    };
  };
})();
