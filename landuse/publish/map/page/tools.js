// North, full screen, and the presenter's view: large type, without codes and money.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});

  function northArrow(say) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const holder = landuse.element("div", "north");
      const svg = landuse.svg("svg", { width: 32, height: 50, role: "img", "aria-label": say("north") });
      svg.append(
        landuse.svg("path", { d: "M16 3 L25 35 L16 29 Z", fill: "#12324a" }),
        landuse.svg("path", { d: "M16 3 L7 35 L16 29 Z", fill: "#fff", stroke: "#12324a" })
      );
      const letter = landuse.svg("text", { x: 16, y: 48, "text-anchor": "middle", "font-size": 13, "font-weight": 700 });
      letter.textContent = "N";
      svg.append(letter);
      holder.append(svg);
      return holder;
    };
    return control;
  }

  landuse.presenter = function (app, on) {
    document.documentElement.classList.toggle("presenter", on);
    app.presenterButton.setAttribute("aria-pressed", String(on));
    app.map.invalidateSize({ animate: false });
  };

  function toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  }

  function bar(app) {
    const say = app.say;
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const holder = landuse.element("div", "leaflet-bar tools");
      const whole = landuse.button(say("fit_all"), () => app.fitAll());
      const full = landuse.button(say("full_screen"), toggleFull);
      full.hidden = !document.fullscreenEnabled;
      full.setAttribute("aria-pressed", "false");
      document.addEventListener("fullscreenchange", () => {
        full.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
        app.map.invalidateSize({ animate: false });
      });
      app.presenterButton = landuse.button(say("presenter"), () => landuse.presenter(app, !document.documentElement.classList.contains("presenter")));
      app.presenterButton.setAttribute("aria-pressed", "false");
      holder.append(whole, full, app.presenterButton);
      L.DomEvent.disableClickPropagation(holder);
      return holder;
    };
    return control;
  }

  landuse.tools = function (app) {
    L.control.scale({ imperial: false, maxWidth: 180 }).addTo(app.map);
    bar(app).addTo(app.map);
    landuse.measureControl(app);
    northArrow(app.say).addTo(app.map);
    landuse.miniMap(app);
  };
})();
