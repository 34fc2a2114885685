// Measuring on the map: click the corners, double-click or Enter ends, Escape clears.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  const LINE = { color: "#c1121f", weight: 3, interactive: false };

  landuse.lengthText = (say, metres) =>
    metres < 1000 ? say("measure_m", { m: landuse.number(metres, 1, 1) }) : say("measure_km", { km: landuse.number(metres / 1000, 3, 3), m: landuse.number(metres, 0, 0) });

  landuse.areaText = (say, m2) => say("measure_area_said", { mu: landuse.number((m2 * 3) / 2000, 2, 2), m2: landuse.number(m2, 0, 0) });

  class Tape {
    constructor(app, said) {
      this.app = app;
      this.said = said;
      this.kind = "";
      this.places = [];
      this.group = L.layerGroup().addTo(app.map);
    }

    start(kind) {
      this.clear();
      this.kind = kind;
      this.app.measuring = Boolean(kind);
      const map = this.app.map;
      map.doubleClickZoom[kind ? "disable" : "enable"]();
      map.getContainer().classList.toggle("measuring", Boolean(kind));
      this.tell();
    }

    clear() {
      this.places = [];
      this.done = false;
      this.group.clearLayers();
    }

    add(place) {
      if (this.done) this.clear();
      const last = this.places[this.places.length - 1];
      if (last && last.equals(place, 1e-9)) return; // the second click of a double click
      this.places.push(place);
      this.draw();
    }

    end() {
      if (!this.kind || !this.places.length) return;
      this.done = true;
      this.draw();
    }

    draw() {
      this.group.clearLayers();
      const area = this.kind === "area" && this.places.length > 2;
      if (area) L.polygon(this.places, Object.assign({ fillOpacity: 0.15 }, LINE)).addTo(this.group);
      else L.polyline(this.places, LINE).addTo(this.group);
      for (const place of this.places) L.circleMarker(place, Object.assign({}, LINE, { radius: 4, fillColor: "#fff", fillOpacity: 1 })).addTo(this.group);
      this.tell();
    }

    length(closed) {
      const ends = closed ? this.places.concat(this.places[0]) : this.places;
      let metres = 0;
      for (let i = 1; i < ends.length; i++) metres += landuse.distance(ends[i - 1], ends[i]);
      return metres;
    }

    tell() {
      const say = this.app.say;
      this.said.hidden = !this.kind;
      if (!this.kind) return;
      if (this.kind === "area" && this.places.length > 2) {
        const round = say("measure_round", { length: landuse.lengthText(say, this.length(true)) });
        this.said.textContent = landuse.areaText(say, landuse.area(this.places)) + "　" + round;
      } else if (this.kind === "length" && this.places.length > 1) {
        this.said.textContent = landuse.lengthText(say, this.length(false));
      } else this.said.textContent = say("measure_hint_" + this.kind);
    }
  }

  landuse.measureControl = function (app) {
    const said = make("output", "measure-said");
    said.hidden = true;
    said.setAttribute("role", "status");
    const tape = new Tape(app, said);
    const control = L.control({ position: "topleft" });
    const buttons = {};
    const choose = (kind) => {
      tape.start(tape.kind === kind ? "" : kind);
      for (const name of Object.keys(buttons)) buttons[name].setAttribute("aria-pressed", String(tape.kind === name));
    };
    control.onAdd = () => {
      const bar = make("div", "leaflet-bar tools");
      for (const name of ["length", "area"]) {
        buttons[name] = landuse.button(app.say("measure_" + name), () => choose(name));
        buttons[name].setAttribute("aria-pressed", "false");
        bar.append(buttons[name]);
      }
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    };
    control.addTo(app.map);
    app.map.getContainer().append(said);
    app.map.on("click", (event) => tape.kind && tape.add(event.latlng));
    app.map.on("dblclick", () => tape.end());
    document.addEventListener("keydown", (event) => {
      if (!tape.kind || landuse.isTyping(event)) return;
      if (event.key === "Escape") choose(tape.kind);
      else if (event.key === "Enter" && event.target.tagName !== "BUTTON") tape.end();
    });
    app.tape = tape;
  };
})();
