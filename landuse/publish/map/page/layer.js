// All plots on one canvas: a Leaflet renderer that draws typed arrays, without an object a plot.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const BATCH = 256; // plots in one path: longer paths get slower, shorter ones too
  const SMALL = 4; // pixels below which a plot has no outline of its own
  const TILE = 8; // pixels of a pattern

  landuse.pattern = function (context, look) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = TILE;
    const ink = tile.getContext("2d");
    ink.fillStyle = look.fill;
    ink.fillRect(0, 0, TILE, TILE);
    ink.fillStyle = ink.strokeStyle = look.ink;
    if (look.pattern === "dots") {
      ink.fillRect(1, 1, 2, 2);
      ink.fillRect(5, 5, 2, 2);
    } else {
      ink.lineWidth = 2.5;
      ink.beginPath();
      for (const shift of [-TILE, 0, TILE]) {
        ink.moveTo(shift - 1, TILE + 1);
        ink.lineTo(shift + TILE + 1, -1);
      }
      ink.stroke();
    }
    return context.createPattern(tile, "repeat");
  };

  landuse.PlotLayer = L.Renderer.extend({
    options: { padding: 0.35 },

    initialize: function (shapes, classOf, looks, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this.shapes = shapes;
      this.mask = null;
      this.outlines = [];
      this.opacity = 1;
      this.selected = -1;
      this._patterns = new Map();
      this.setTheme({ kind: "class", groupOf: classOf, looks, shown: looks.map(() => true) });
      if (shapes.tiles) shapes.tiles.arrived = () => this.soon();
    },

    // Draw again with the next frame, once for all tiles that arrive before it.
    soon: function () {
      if (this._waiting) return;
      this._waiting = requestAnimationFrame(() => {
        this._waiting = 0;
        if (this._map && this._bounds && !this._map._animatingZoom) this._draw();
      });
    },

    // How plots are painted: `groupOf` gives the place of each plot's look in `looks` (-1: it is
    // not drawn), `shown` whether a look is switched on. A layer of tiles paints by the same
    // theme and mask: it listens to "paint" and asks `lookOf`.
    setTheme: function (theme) {
      if (theme === this.theme) return this.repaint();
      this.theme = theme;
      this.looks = theme.looks;
      this.shown = theme.shown;
      this.order = byGroup(theme.groupOf, theme.looks.length);
      this._outlined = null;
      this.repaint();
    },

    // How far plots cover what lies under them; their outlines stay.
    setFill: function (opacity) {
      if (opacity === this.opacity) return;
      this.opacity = opacity;
      this.repaint();
    },

    // Which plots pass the filter: 1 or 0 a plot; null is all of them.
    setMask: function (mask) {
      this.mask = mask;
      this.repaint();
    },

    // Marks around some plots, on top of all: [{plots, stroke, width, dash}].
    setOutlines: function (outlines) {
      this.outlines = outlines;
      if (this._map && this._bounds) this._draw();
    },

    // The look of a plot, or null where it is not to be seen.
    lookOf: function (plot) {
      const group = this.theme.groupOf[plot];
      if (group < 0 || !this.shown[group] || (this.mask && !this.mask[plot])) return null;
      return this.looks[group];
    },

    // The plot that is outlined where its outline comes from a tile; -1 is none.
    select: function (plot) {
      this.selected = plot;
      if (this.shapes.tiles) this._draw();
    },

    // Calls `act` for every plot of a look.
    eachOf: function (index, act) {
      this.order[index].forEach((plot) => act(plot));
    },

    // The plots of a look whose outline is in the page and wider than a length of zoom level 0.
    largeOf: function (index, wide) {
      const { tiled, box } = this.shapes;
      const width = (plot) => Math.max(box[4 * plot + 2] - box[4 * plot], box[4 * plot + 3] - box[4 * plot + 1]);
      // the widest first, so that only those wanted are looked at
      this._outlined = this._outlined || this.order.map((group) => group.filter((plot) => !tiled[plot]).sort((a, b) => width(b) - width(a)));
      const group = this._outlined[index];
      let low = 0;
      for (let high = group.length; low < high; ) {
        const middle = (low + high) >> 1;
        if (width(group[middle]) > wide) low = middle + 1;
        else high = middle;
      }
      return group.subarray(0, low);
    },

    repaint: function () {
      this.version = (this.version || 0) + 1;
      if (this._map && this._bounds) this._draw();
      this.fire("paint");
    },

    show: function (index, on) {
      this.shown[index] = on;
      this.repaint();
    },

    showLabels: function (labels) {
      this.labels = labels;
      this.repaint();
    },

    _initContainer: function () {
      this._container = landuse.element("canvas", "landuse-plots");
      this._context = this._container.getContext("2d");
    },
    _destroyContainer: function () {
      this._container.remove();
      delete this._container;
      delete this._context;
    },
    _updatePaths: function () {},
    _onZoomEnd: function () {},

    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = Math.round(ratio * size.x);
      this._container.height = Math.round(ratio * size.y);
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
      this._draw();
      this.fire("update");
    },

    _draw: function () {
      const context = this._context;
      const ratio = window.devicePixelRatio || 1;
      const size = this._bounds.getSize();
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      const view = { scale: Math.pow(2, this._map.getZoom()), dx: origin.x, dy: origin.y, size };
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, size.x, size.y);
      context.lineJoin = "round";
      if (this.shapes.tiles) landuse.drawTiled(this, context, view);
      else {
        for (let index = this.looks.length - 1; index >= 0; index--) {
          if (this.shown[index]) this.drawGroup(context, view, index, this.shapes, this.order[index]);
        }
      }
      for (const outline of this.outlines) this._drawOutline(context, view, outline);
      if (this.shapes.tiles) landuse.drawSelected(this, context, view);
      if (this.labels) landuse.drawLabels(context, view, this.labels);
    },

    // Draw the plots of one look; `numbers` gives the number of each where these are of a tile.
    drawGroup: function (context, view, index, shapes, plots, numbers) {
      const look = this.looks[index];
      context.strokeStyle = look.stroke;
      context.lineWidth = look.width;
      context.fillStyle = look.fill;
      if (look.pattern) {
        if (!this._patterns.has(look)) this._patterns.set(look, landuse.pattern(context, look));
        const pattern = this._patterns.get(look);
        // the pattern stands still on the ground while the map is moved
        const phase = [-(view.dx % TILE), -(view.dy % TILE)];
        pattern.setTransform(new DOMMatrix([1, 0, 0, 1, phase[0], phase[1]]));
        context.fillStyle = pattern;
      }
      const least = look.flagged ? 3 : 1.5;
      // a white plot too small for an outline would vanish on the pale ground
      const pale = look.fill === "#ffffff" || look.pattern === "dots";
      const fill = context.fillStyle;
      let large = new Path2D();
      let small = new Path2D();
      let waiting = 0;
      const flush = () => {
        context.fillStyle = pale ? look.stroke : fill;
        context.globalAlpha = pale ? 0.5 : 1;
        context.fill(small);
        context.globalAlpha = this.opacity;
        context.fillStyle = fill;
        context.fill(large);
        context.globalAlpha = 1;
        context.stroke(large);
        large = new Path2D();
        small = new Path2D();
        waiting = 0;
      };
      for (let i = 0; i < plots.length; i++) {
        if (this.mask && !this.mask[numbers ? numbers[plots[i]] : plots[i]]) continue;
        const how = trace(shapes, plots[i], view, least, large, small);
        if (how && ++waiting === BATCH) flush();
      }
      flush();
    },

    _drawOutline: function (context, view, outline) {
      const tiled = this.shapes.tiled;
      const path = new Path2D();
      const seen = outline.plots.filter((plot) => this.lookOf(plot));
      for (const plot of seen) if (!tiled || !tiled[plot]) trace(this.shapes, plot, view, 5, path, path);
      context.save();
      context.setLineDash(outline.dash || []);
      context.strokeStyle = outline.stroke;
      context.lineWidth = outline.width;
      context.stroke(path);
      if (tiled) landuse.outlineTiled(this.shapes, context, view, seen.filter((plot) => tiled[plot]));
      context.restore();
    },

    // The plot at a place: what lies on top; near a plot too small to be hit, that plot.
    plotAt: function (latlng) {
      const zoom = this._map.getZoom();
      const typical = this.shapes.typical;
      if (typical && typical * Math.pow(2, zoom) < 0.1) return -1; // thousands lie under the pointer
      const point = this._map.project(latlng, 0);
      this._grid = this._grid || new Grid(this.shapes);
      const reach = 6 / Math.pow(2, zoom);
      let best = -1;
      let bestRank = Infinity;
      this._grid.near(point.x, point.y, reach, (plot) => {
        if (!this.lookOf(plot)) return;
        const index = this.theme.groupOf[plot];
        const inside = this._holds(plot, point);
        if (!inside && !isNear(this.shapes.box, plot, point, reach)) return;
        const rank = (inside ? 0 : this.looks.length) + index;
        if (rank < bestRank || (rank === bestRank && plot > best)) {
          best = plot;
          bestRank = rank;
        }
      });
      return best;
    },

    _holds: function (plot, point) {
      const shapes = this.shapes;
      if (!shapes.tiled || !shapes.tiled[plot]) return landuse.isInside(shapes, plot, point.x, point.y);
      if (!landuse.tilesShow(shapes, Math.pow(2, this._map.getZoom()))) return isInBox(shapes.box, plot, point);
      const known = shapes.tiles.isInside(plot, point.x, point.y);
      return known === undefined ? isInBox(shapes.box, plot, point) : known;
    },
  });

  function isInBox(box, plot, point) {
    const at = 4 * plot;
    return point.x >= box[at] && point.x <= box[at + 2] && point.y >= box[at + 1] && point.y <= box[at + 3];
  }

  // The plots of each look that `wanted` allows (all without it).
  function byGroup(groupOf, count, wanted) {
    const sizes = new Uint32Array(count);
    const takes = (plot) => groupOf[plot] >= 0 && (!wanted || wanted(plot));
    for (let plot = 0; plot < groupOf.length; plot++) if (takes(plot)) sizes[groupOf[plot]]++;
    const groups = Array.from(sizes, (size) => new Uint32Array(size));
    sizes.fill(0);
    for (let plot = 0; plot < groupOf.length; plot++) {
      if (takes(plot)) groups[groupOf[plot]][sizes[groupOf[plot]]++] = plot;
    }
    return groups;
  }
  landuse.byGroup = byGroup;

  // Add one plot to the path of large or of small plots; false if it is out of view.
  function trace(shapes, plot, view, least, large, small) {
    const scale = view.scale;
    const left = shapes.box[4 * plot] * scale - view.dx;
    const top = shapes.box[4 * plot + 1] * scale - view.dy;
    const right = shapes.box[4 * plot + 2] * scale - view.dx;
    const bottom = shapes.box[4 * plot + 3] * scale - view.dy;
    if (!(right >= -least && bottom >= -least && left <= view.size.x + least && top <= view.size.y + least)) {
      return false;
    }
    const size = Math.max(right - left, bottom - top);
    if (size < least) {
      small.rect((left + right - least) / 2, (top + bottom - least) / 2, least, least);
      return true;
    }
    const path = size < SMALL ? small : large;
    for (let ring = shapes.firstRing[plot]; ring < shapes.firstRing[plot + 1]; ring++) {
      traceRing(shapes, ring, view, path);
    }
    return true;
  }

  function traceRing(shapes, ring, view, path) {
    const end = shapes.firstPoint[ring + 1];
    let lastX = Infinity;
    let lastY = Infinity;
    for (let i = shapes.firstPoint[ring]; i < end; i++) {
      const px = shapes.x[i] * view.scale - view.dx;
      const py = shapes.y[i] * view.scale - view.dy;
      if (lastX === Infinity) path.moveTo(px, py);
      else if (Math.abs(px - lastX) + Math.abs(py - lastY) < 0.7) continue;
      else path.lineTo(px, py);
      lastX = px;
      lastY = py;
    }
    path.closePath();
  }

  landuse.trace = trace;

  function isNear(box, plot, point, reach) {
    const left = box[4 * plot], top = box[4 * plot + 1], right = box[4 * plot + 2], bottom = box[4 * plot + 3];
    if (right - left > reach || bottom - top > reach) return false;
    return Math.abs((left + right) / 2 - point.x) <= reach && Math.abs((top + bottom) / 2 - point.y) <= reach;
  }

  // Which plots lie near a point: a grid over the extent, each cell with the plots that touch it.
  class Grid {
    constructor(shapes) {
      this.box = shapes.box;
      const all = landuse.extent(shapes, range(shapes.count)) || [0, 0, 1, 1];
      this.side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(shapes.count))));
      this.left = all[0];
      this.top = all[1];
      this.cell = Math.max(all[2] - all[0], all[3] - all[1], 1e-9) / this.side;
      // first count what each cell will hold, then fill: one list for all cells
      this.first = new Uint32Array((this.side + 1) * (this.side + 1) + 1);
      this._all(shapes, (key) => this.first[key + 1]++);
      for (let key = 1; key < this.first.length; key++) this.first[key] += this.first[key - 1];
      const next = this.first.slice();
      this.members = new Uint32Array(this.first[this.first.length - 1]);
      this._all(shapes, (key, plot) => (this.members[next[key]++] = plot));
    }

    _all(shapes, act) {
      for (let plot = 0; plot < shapes.count; plot++) {
        const b = 4 * plot;
        if (landuse.isDrawn(shapes, plot)) this._each(this.box[b], this.box[b + 1], this.box[b + 2], this.box[b + 3], act, plot);
      }
    }

    _at(value, start) {
      return Math.max(0, Math.min(this.side, Math.floor((value - start) / this.cell)));
    }

    _each(left, top, right, bottom, act, plot) {
      const last = this._at(right, this.left), low = this._at(bottom, this.top);
      for (let row = this._at(top, this.top); row <= low; row++) {
        for (let column = this._at(left, this.left); column <= last; column++) act(row * (this.side + 1) + column, plot);
      }
    }

    near(x, y, reach, act) {
      const seen = new Set();
      const box = this.box;
      this._each(x - reach, y - reach, x + reach, y + reach, (key) => {
        for (let i = this.first[key]; i < this.first[key + 1]; i++) {
          const plot = this.members[i];
          if (seen.has(plot)) continue;
          seen.add(plot);
          const b = 4 * plot;
          if (x >= box[b] - reach && x <= box[b + 2] + reach && y >= box[b + 1] - reach && y <= box[b + 3] + reach) act(plot);
        }
      });
    }
  }

  function* range(count) {
    for (let i = 0; i < count; i++) yield i;
  }
})();
