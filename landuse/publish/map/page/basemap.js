// What lies under the plots, where there is something, and what the reader must know of the map.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;

  landuse.basePanel = function () {};

  // Sentences about use and secrecy; open at once where there is a warning.
  landuse.aboutPanel = function (panel, app) {
    const lines = app.meta.about || [];
    if (!lines.length) return;
    const body = landuse.group(panel, "about", app.say("about"), Boolean(app.meta.warned));
    lines.forEach((line, i) => body.append(make("p", i ? "reason" : "small", line)));
  };
})();
