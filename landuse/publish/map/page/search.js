// Search by parcel code, enterprise, holder, park, contract and case: any part, any width.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const SHOWN = 60;

  const named = (names) => names.slice(0, 3).join("、") + (names.length > 3 ? " …" : "");

  landuse.search = function (form, app) {
    const input = form.querySelector("input");
    const list = form.querySelector("ul");
    const count = form.querySelector("#search-count");
    let hits = [];
    let active = -1;

    function found(wanted) {
      const texts = app.texts();
      const all = [];
      for (let plot = 0; plot < texts.length; plot++) if (texts[plot].includes(wanted)) all.push(plot);
      // what is flagged comes first: the classes stand in the order of their weight
      const rank = app.plots.class;
      return all.sort((a, b) => rank[a] - rank[b] || a - b);
    }

    function option(plot, place) {
      const item = landuse.element("li");
      item.id = "search-hit-" + place;
      item.setAttribute("role", "option");
      item.append(landuse.element("bdi", "", app.plots.id[plot]));
      const about = [app.meta.classes[app.plots.class[plot]].label, landuse.textAt(app.plots.park, plot), named(app.users(plot))];
      item.append(landuse.element("small", "value", about.filter(Boolean).join(" · ")));
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(place));
      return item;
    }

    function show() {
      const wanted = landuse.fold(input.value);
      hits = wanted ? found(wanted) : [];
      list.replaceChildren(...hits.slice(0, SHOWN).map(option));
      list.hidden = !hits.length;
      input.setAttribute("aria-expanded", String(hits.length > 0));
      const word = hits.length > SHOWN ? "search_more" : hits.length ? "search_found" : "search_none";
      count.textContent = wanted ? app.say(word, { n: hits.length, shown: SHOWN }) + (app.meta.partial && app.meta.audience !== "public" ? app.say("search_partial") : "") : "";
      activate(hits.length ? 0 : -1);
    }

    function activate(place) {
      active = place;
      Array.from(list.children).forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
      const item = list.children[active];
      if (item) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    }

    function choose(place) {
      if (place < 0 || place >= hits.length) return;
      activate(place);
      app.select(hits[place], true);
    }

    function key(event) {
      const last = Math.min(hits.length, SHOWN) - 1;
      if (event.isComposing) return; // an input method is still choosing characters
      if (event.key === "ArrowDown") activate(Math.min(active + 1, last));
      else if (event.key === "ArrowUp") activate(Math.max(active - 1, 0));
      else if (event.key === "Enter") choose(active);
      else if (event.key === "Escape") {
        input.value = "";
        show();
      } else return;
      event.preventDefault();
    }

    let waiting = 0;
    input.placeholder = app.say("search_hint");
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, 120);
    });
    input.addEventListener("keydown", key);
    form.addEventListener("submit", (event) => event.preventDefault());
  };
})();
