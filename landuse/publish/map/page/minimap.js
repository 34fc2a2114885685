// The overview in a corner: all plots as dots in the colours of the map, and where we are.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const WIDTH = 190;
  const HEIGHT = 140;
  const EDGE = 8;
  const DOT = 1.6;

  class Overview {
    constructor(app, canvas) {
      this.app = app;
      this.canvas = canvas;
      this.ground = document.createElement("canvas");
      for (const one of [canvas, this.ground]) {
        one.width = WIDTH;
        one.height = HEIGHT;
      }
      const box = landuse.extent(app.shapes, app.plots.id.keys()) || [0, 0, 1, 1];
      const span = Math.max((box[2] - box[0]) / (WIDTH - 2 * EDGE), (box[3] - box[1]) / (HEIGHT - 2 * EDGE), 1e-9);
      this.scale = 1 / span;
      this.left = (box[0] + box[2]) / 2 - (WIDTH / 2) * span;
      this.top = (box[1] + box[3]) / 2 - (HEIGHT / 2) * span;
    }

    // Every plot, the weighty classes last and never smaller than a dot.
    paint() {
      const { shapes, layer } = this.app;
      const context = this.ground.getContext("2d");
      context.clearRect(0, 0, WIDTH, HEIGHT);
      for (let look = layer.looks.length - 1; look >= 0; look--) {
        const { fill, stroke, flagged } = layer.looks[look];
        context.fillStyle = fill === "#ffffff" ? stroke : fill;
        const least = flagged ? 1.5 * DOT : DOT;
        layer.eachOf(look, (plot) => {
          if (!layer.lookOf(plot) || !landuse.isDrawn(shapes, plot)) return;
          const b = 4 * plot;
          const width = Math.max(least, (shapes.box[b + 2] - shapes.box[b]) * this.scale);
          const height = Math.max(least, (shapes.box[b + 3] - shapes.box[b + 1]) * this.scale);
          context.fillRect((shapes.box[b] - this.left) * this.scale, (shapes.box[b + 1] - this.top) * this.scale, width, height);
        });
      }
      this.frame();
    }

    frame() {
      const context = this.canvas.getContext("2d");
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.drawImage(this.ground, 0, 0);
      const bounds = this.app.map.getPixelBounds();
      const zoom = Math.pow(2, this.app.map.getZoom());
      const x = (bounds.min.x / zoom - this.left) * this.scale;
      const y = (bounds.min.y / zoom - this.top) * this.scale;
      const size = bounds.getSize();
      context.strokeStyle = "#c1121f";
      context.lineWidth = 2;
      context.strokeRect(x, y, Math.max(3, (size.x / zoom) * this.scale), Math.max(3, (size.y / zoom) * this.scale));
    }

    // Where on the ground a click in the overview points to.
    place(event) {
      const frame = this.canvas.getBoundingClientRect();
      const x = ((event.clientX - frame.left) / frame.width) * WIDTH;
      const y = ((event.clientY - frame.top) / frame.height) * HEIGHT;
      return landuse.latLng(x / this.scale + this.left, y / this.scale + this.top);
    }
  }

  landuse.miniMap = function (app) {
    const canvas = landuse.element("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", app.say("minimap"));
    const overview = new Overview(app, canvas);
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const box = landuse.element("div", "minimap");
      const fold = landuse.button(app.say("minimap_fold"), () => {
        canvas.hidden = !canvas.hidden;
        fold.setAttribute("aria-expanded", String(!canvas.hidden));
      });
      fold.setAttribute("aria-expanded", "true");
      canvas.addEventListener("click", (event) => app.map.panTo(overview.place(event), { animate: false }));
      box.append(canvas, fold);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(app.map);
    app.layer.on("paint", () => overview.paint());
    app.map.on("move zoomend resize", () => overview.frame());
    overview.paint();
    app.overview = overview;
  };
})();
