// Two runs: a curtain between them, both side by side, and the list of who moved in or out.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  const SHOWN = 300;
  const THUMB = 14; // pixels, as in the style

  landuse.secondRun = function () {
    if (!document.getElementById("landuse-second")) return null;
    const block = landuse.block("second");
    block.shapes = landuse.decodeShapes(block.shapes);
    block.keyOf = (plot) => block.classes[block.class[plot]].key;
    return block;
  };

  const layerOf = (second, options) => new landuse.PlotLayer(second.shapes, second.class, second.classes, options);

  // The curtain: the earlier run on the left of it, the later on the right.
  class Curtain {
    constructor(app, input) {
      this.app = app;
      this.input = input;
      this.line = make("div", "curtain-line");
      app.map.getContainer().parentNode.append(this.line);
      app.map.createPane("second").style.zIndex = "399";
      this.layer = layerOf(app.second(), { pane: "second" });
      this.cut = () => this._cut();
      input.addEventListener("input", this.cut);
    }

    show(on) {
      const map = this.app.map;
      this.line.hidden = !on;
      map[on ? "on" : "off"]("move zoomend resize", this.cut);
      for (const layer of [this.app.layer, this.layer]) layer[on ? "on" : "off"]("update", this.cut);
      if (on) this.layer.addTo(map);
      else {
        this.layer.remove();
        this.app.layer._container.style.clipPath = "";
      }
      if (on) this._cut();
    }

    _cut() {
      const map = this.app.map;
      // where the middle of the slider's thumb is
      const x = THUMB / 2 + ((map.getSize().x - THUMB) * Number(this.input.value)) / 100;
      this.line.style.left = x + "px";
      const edge = map.containerPointToLayerPoint([x, 0]).x;
      const left = this.app.second().earlier ? this.layer : this.app.layer;
      const right = left === this.layer ? this.app.layer : this.layer;
      const inside = (layer) => Math.max(0, edge - layer._bounds.min.x);
      left._container.style.clipPath = "inset(0 " + Math.max(0, left._bounds.getSize().x - inside(left)) + "px 0 0)";
      right._container.style.clipPath = "inset(0 0 0 " + inside(right) + "px)";
    }
  }

  // A second map beside the first that moves with it.
  class Twin {
    constructor(app) {
      this.app = app;
      this.box = make("div", "twin");
      app.map.getContainer().parentNode.append(this.box);
    }

    show(on) {
      document.body.classList.toggle("twins", on);
      document.body.classList.toggle("first-later", this.app.second().earlier);
      this.app.map.invalidateSize({ animate: false });
      if (!on) return;
      if (!this.map) this._make();
      this.map.invalidateSize({ animate: false });
      this._follow(this.app.map, this.map);
    }

    _make() {
      const app = this.app;
      this.map = L.map(this.box, Object.assign({}, app.map.options, { zoomControl: false }));
      this.map.attributionControl.setPrefix(false);
      this.map.setView(app.map.getCenter(), app.map.getZoom(), { animate: false });
      this.layer = layerOf(app.second()).addTo(this.map);
      app.map.on("move zoomend", () => document.body.classList.contains("twins") && this._follow(app.map, this.map));
      this.map.on("move zoomend", () => this._follow(this.map, app.map));
      this.map.on("click", (event) => {
        const plot = this.layer.plotAt(event.latlng);
        if (plot >= 0) app.select(app.plotOf(app.second().id[plot]), false);
      });
    }

    _follow(leader, other) {
      if (this.busy) return;
      this.busy = true;
      other.setView(leader.getCenter(), leader.getZoom(), { animate: false });
      this.busy = false;
    }
  }

  function name(about, app) {
    return landuse.runName(about, app.say);
  }

  function captions(app) {
    const second = app.second();
    const pair = second.earlier ? [second, app.meta] : [app.meta, second];
    return pair.map((about) => name(about, app));
  }

  function plotItem(one, app) {
    const item = make("li");
    const plot = app.plotOf(one.id);
    const label = (key) => (key ? app.say("class_" + key) : app.say("change_absent"));
    const said = app.say("moved_plot", { from: label(one.from), to: label(one.to) });
    if (plot < 0) item.append(make("bdi", "", one.id));
    else {
      const go = landuse.button(one.id, () => app.select(plot, true));
      go.className = "link";
      item.append(go);
    }
    item.append(make("small", "", said));
    return item;
  }

  function firmItem(one, app) {
    const item = make("li");
    item.append(make("bdi", "", one.name || one.uscc));
    const score = (value) => (value === null ? "—" : landuse.number(value, 4, 6));
    item.append(make("small", "", app.say("moved_firm", { from: score(one.score[0]), to: score(one.score[1]) })));
    return item;
  }

  function lists(body, app) {
    const second = app.second();
    for (const [kind, rows, item] of [["plots", second.plots, plotItem], ["firms", second.firms, firmItem]]) {
      for (const move of ["in", "out"]) {
        const mine = rows.filter((one) => one.move === move);
        const box = make("details", "moved moved-" + move);
        box.dataset.moved = kind + "-" + move;
        box.append(make("summary", "", app.say("moved_" + kind + "_" + move, { n: mine.length })));
        const list = make("ol");
        list.tabIndex = 0; // it scrolls: keys must reach it
        box.addEventListener("toggle", () => {
          if (!list.childNodes.length) list.append(...mine.slice(0, SHOWN).map((one) => item(one, app)));
        });
        box.append(list);
        if (mine.length > SHOWN) box.append(make("p", "small", app.say("moved_more", { n: SHOWN })));
        body.append(box);
      }
    }
  }

  landuse.comparePanel = function (panel, app) {
    if (!app.second()) return;
    const say = app.say;
    const body = landuse.group(panel, "compare", say("compare"), true);
    const slider = make("input", "curtain");
    Object.assign(slider, { type: "range", min: "0", max: "100", value: "50", hidden: true });
    slider.setAttribute("aria-label", say("compare_curtain"));
    const heads = make("div", "run-names");
    heads.hidden = true;
    heads.append(...captions(app).map((text) => make("span", "", text)));
    app.map.getContainer().parentNode.append(slider, heads);
    L.DomEvent.disableClickPropagation(slider);
    let curtain = null;
    let twin = null;
    let mode = "";
    const change = (next) => {
      if (mode === "curtain") curtain.show(false);
      if (mode === "twins") twin.show(false);
      mode = next;
      slider.hidden = mode !== "curtain";
      heads.hidden = !mode;
      if (mode === "curtain") (curtain = curtain || new Curtain(app, slider)).show(true);
      if (mode === "twins") (twin = twin || new Twin(app)).show(true);
      if (mode) app.setState({ colour: "" });
    };
    const options = [["", say("compare_off")], ["curtain", say("compare_curtain")], ["twins", say("compare_twins")]];
    const changes = landuse.button(say("compare_colour"), () => app.setState({ colour: app.state.colour === "change" ? "" : "change" }));
    body.append(landuse.choice(say("compare_how"), options, change), changes);
    body.append(make("p", "small", say("compare_note", { earlier: captions(app)[0], later: captions(app)[1] })));
    lists(body, app);
    app.on("theme", () => changes.setAttribute("aria-pressed", String(app.state.colour === "change")));
  };
})();
