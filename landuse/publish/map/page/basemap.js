// What lies under the plots, where there is something, and what the reader must know of the map.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  const BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

  function photo(base, pane) {
    const [south, west, north, east] = base.bounds;
    const source = "data:image/webp;base64," + document.getElementById("landuse-photo").textContent;
    return L.imageOverlay(source, [[south, west], [north, east]], { pane });
  }

  // Bytes as an address that an image may have: no content policy need allow more than data.
  function asData(bytes, kind) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(new Blob([bytes], { type: "image/" + kind }));
    });
  }

  async function part(base, [kind, start, size]) {
    const answer = await fetch(base.file, { headers: { Range: "bytes=" + start + "-" + (start + size - 1) } });
    if (!answer.ok) throw new Error(answer.url + ": " + answer.status);
    const bytes = await answer.arrayBuffer();
    // a server that knows no ranges sends all of it
    return asData(answer.status === 206 ? bytes : bytes.slice(start, start + size), kind);
  }

  const Tiles = L.TileLayer.extend({
    createTile: function (coords, done) {
      const tile = document.createElement("img");
      tile.alt = "";
      tile.setAttribute("role", "presentation");
      tile.onload = () => done(null, tile);
      tile.onerror = () => done(new Error("tile"), tile);
      const base = this.options.base;
      const known = base.index[this._getZoomForUrl() + "/" + coords.x + "/" + coords.y];
      if (!known) tile.src = BLANK;
      else if (!base.file) tile.src = "data:image/" + known[0] + ";base64," + known[1];
      else part(base, known).then((source) => (tile.src = source), () => { this.fire("lost"); tile.src = BLANK; });
      return tile;
    },
  });

  function tiles(base, pane) {
    const [least, most] = base.zooms;
    return new Tiles("", { base, pane, minNativeZoom: least, maxNativeZoom: most, minZoom: Math.max(3, least - 2), maxZoom: 21 });
  }

  // The names lie in a layer of their own over the picture or the streets.
  function tianditu(base, pane, picture) {
    const layer = (name) => L.tileLayer("/tiles/tianditu/" + name + "/{z}/{x}/{y}", { pane, minZoom: 1, maxNativeZoom: base.deepest, maxZoom: 21, className: "tianditu" });
    return L.layerGroup(picture ? [layer("img"), layer("cia")] : [layer("vec"), layer("cva")]);
  }

  function choices(base, app) {
    const say = app.say;
    if (base.kind === "photo") return [["photo", say("base_photo", { metres: landuse.number(base.metres, 0, 2) }), () => photo(base, "base")]];
    if (base.kind === "tiles") return [["tiles", say("base_tiles"), () => tiles(base, "base")]];
    return [
      ["tianditu-img", say("base_tianditu_img"), () => tianditu(base, "base", true)],
      ["tianditu-vec", say("base_tianditu_vec"), () => tianditu(base, "base", false)],
    ];
  }

  function slider(text, value, act) {
    const field = landuse.field(text, "range", () => {});
    Object.assign(field.input, { min: "0", max: "100", step: "5", value: String(value) });
    field.input.addEventListener("input", () => act(Number(field.input.value) / 100));
    act(value / 100);
    return field;
  }

  landuse.basePanel = function (panel, app) {
    if (!document.getElementById("landuse-base")) return;
    const base = landuse.block("base");
    const { map, say } = app;
    map.createPane("base").style.zIndex = "100";
    const body = landuse.group(panel, "base", say("base"), true);
    const offered = choices(base, app);
    const made = new Map();
    let shown = null;
    const fill = slider(say("plots_opacity"), 45, (value) => app.layer.setFill(shown ? value : 1));
    const show = (key) => {
      if (shown) shown.remove();
      const found = offered.find((one) => one[0] === key);
      if (found && !made.has(key)) made.set(key, found[2]().on("lost", () => (lost.hidden = false)));
      shown = found ? made.get(key).addTo(map) : null;
      app.layer.setFill(shown ? Number(fill.input.value) / 100 : 1);
    };
    const lost = make("p", "reason", say("base_missing"));
    lost.hidden = true;
    const choice = landuse.choice(say("base"), [["", say("base_none")], ...offered], show);
    // a served map asks Tianditu only when somebody wants it
    const first = base.kind === "tianditu" ? "" : offered[0][0];
    choice.select.value = first;
    body.append(choice, slider(say("base_opacity"), 100, (value) => (map.getPane("base").style.opacity = String(value))), fill, lost);
    show(first);
  };

  // Sentences about use and secrecy; open at once where there is a warning.
  landuse.aboutPanel = function (panel, app) {
    const lines = app.meta.about || [];
    if (!lines.length) return;
    const body = landuse.group(panel, "about", app.say("about"), Boolean(app.meta.warned));
    lines.forEach((line, i) => body.append(make("p", i ? "reason" : "small", line)));
  };
})();
