// Drawing plots whose outlines are in tiles: as blocks of pixels where they are small or their tile
// is not here yet, else as the other plots are drawn, within the edges of each tile.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const LEAST = 7; // pixels of a usual plot from which outlines are drawn
  const LARGE = 12; // pixels from which a plot with an outline is drawn by it at any zoom
  const SLICE = 20; // milliseconds of painting at a time
  const WIDEST = 700; // pixels of a tile up to which it is kept as a picture
  const EDGED = 6; // pixels of a usual plot from which its block has an edge

  landuse.tilesShow = (shapes, scale) => shapes.typical * scale >= LEAST;

  const seen = (view) => [view.dx, view.dy, view.dx + view.size.x, view.dy + view.size.y].map((one) => one / view.scale);

  // A colour as a pixel has it: opacity, blue, green, red.
  function pixel(context, colour, opacity) {
    context.fillStyle = colour;
    const value = parseInt(context.fillStyle.slice(1, 7), 16);
    const red = value >> 16, green = (value >> 8) & 255, blue = value & 255;
    return ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }

  // The plots of a view as blocks; `lacking` names the tiles to which these are confined.
  function blocks(layer, context, view, lacking) {
    const width = context.canvas.width, height = context.canvas.height;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = view.scale * (window.devicePixelRatio || 1);
    const dx = view.dx * (scale / view.scale), dy = view.dy * (scale / view.scale);
    const { box, tiles } = layer.shapes;
    const missing = lacking && new Set(lacking);
    const lacks = (at) => missing.has(tiles.key(Math.floor((box[at] + box[at + 2]) / 2 / tiles.side), Math.floor((box[at + 1] + box[at + 3]) / 2 / tiles.side)));
    // all have an edge or none: at a few pixels some would and some not, which makes a pattern
    const outlined = layer.shapes.typical * scale >= EDGED;
    for (let index = layer.looks.length - 1; index >= 0; index--) {
      if (!layer.shown[index]) continue;
      const look = layer.looks[index];
      const pale = look.fill === "#ffffff" || look.pattern === "dots";
      const fill = pixel(context, look.fill, layer.opacity), edge = pixel(context, look.stroke, 1);
      const point = pale ? pixel(context, look.stroke, 0.5) : fill;
      const plots = layer.order[index];
      const least = look.flagged ? Math.round(3 * (scale / view.scale)) : 1;
      const shift = (least - 1) / 2;
      for (let i = 0; i < plots.length; i++) {
        const plot = plots[i];
        if (layer.mask && !layer.mask[plot]) continue;
        const at = 4 * plot;
        let left = Math.floor(box[at] * scale - dx), top = Math.floor(box[at + 1] * scale - dy);
        if (left - shift >= width || top - shift >= height) continue;
        let right = Math.round(box[at + 2] * scale - dx), bottom = Math.round(box[at + 3] * scale - dy);
        if (right - left < least) right = (left -= shift) + least;
        if (bottom - top < least) bottom = (top -= shift) + least;
        if (right <= 0 || bottom <= 0 || (missing && !lacks(at))) continue;
        const edged = outlined && right - left > 3 && bottom - top > 3;
        const inside = edged ? fill : point; // a white block without an edge would vanish
        const from = Math.max(0, left), to = Math.min(width, right), last = Math.min(height, bottom);
        for (let row = Math.max(0, top); row < last; row++) {
          const end = row * width + to;
          const colour = edged && (row === top || row === bottom - 1) ? edge : inside;
          for (let at = row * width + from; at < end; at++) pixels[at] = colour;
          if (edged && from === left) pixels[row * width + from] = edge;
          if (edged && to === right) pixels[end - 1] = edge;
        }
      }
    }
    context.putImageData(image, 0, 0);
  }

  // Where the tile lies on the screen, in whole pixels: its neighbours begin where it ends.
  function frame(tile, view) {
    const ratio = window.devicePixelRatio || 1;
    const at = (value, start) => Math.round((value * view.scale - start) * ratio) / ratio;
    const left = at(tile.edge[0], view.dx), top = at(tile.edge[1], view.dy);
    return { left, top, width: at(tile.edge[2], view.dx) - left, height: at(tile.edge[3], view.dy) - top };
  }

  // Only what is within the tile: its neighbours have the other parts of the plots on its edge.
  function within(tile, context, view, act) {
    const { left, top, width, height } = frame(tile, view);
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    act();
    context.restore();
  }

  // The plots of each look that are in a tile, and those on it that the page has as outlines.
  function ordered(layer, tile) {
    if (tile.theme !== layer.theme) {
      const { tiled } = layer.shapes;
      const count = layer.looks.length;
      const own = layer.shapes.ownOf(tile);
      const look = (plot) => layer.theme.groupOf[plot];
      tile.theme = layer.theme;
      tile.order = landuse.byGroup(Int32Array.from(tile.plots, look), count, (at) => tiled[tile.plots[at]]);
      tile.own = landuse.byGroup(Int32Array.from(own, look), count).map((group) => group.map((at) => own[at]));
    }
    return tile;
  }

  function paint(layer, context, view, tile) {
    const { order, own } = ordered(layer, tile);
    for (let index = layer.looks.length - 1; index >= 0; index--) {
      if (!layer.shown[index]) continue;
      if (order[index].length) layer.drawGroup(context, view, index, tile, order[index], tile.plots);
      if (own[index].length) layer.drawGroup(context, view, index, layer.shapes, own[index]);
    }
  }

  // The outlines in the page by the tile that they touch, gathered once.
  landuse.gather = function (shapes) {
    let gathered = null;
    shapes.ownOf = function (tile) {
      if (!gathered) {
        gathered = new Map();
        for (let plot = 0; plot < shapes.count; plot++) {
          if (shapes.tiled[plot] || !landuse.isDrawn(shapes, plot)) continue;
          shapes.tiles.each(shapes.box.subarray(4 * plot, 4 * plot + 4), (column, row) => {
            const place = shapes.tiles.key(column, row);
            if (gathered.has(place)) gathered.get(place).push(plot);
            else gathered.set(place, [plot]);
          });
        }
      }
      return gathered.get(shapes.tiles.key(tile.column, tile.row)) || [];
    };
  };

  // A tile as a picture, painted once for a zoom level and what is to be seen.
  function picture(layer, view, tile) {
    const ratio = window.devicePixelRatio || 1;
    const { left, top, width, height } = frame(tile, view);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineJoin = "round";
    paint(layer, context, { scale: view.scale, dx: view.dx + left, dy: view.dy + top, size: { x: width, y: height } }, tile);
    tile.picture = { canvas, scale: view.scale, version: layer.version };
  }

  const isPainted = (layer, view, tile) => tile.picture && tile.picture.scale === view.scale && tile.picture.version === layer.version;

  function direct(layer, context, view, tiles) {
    for (const tile of tiles) within(tile, context, view, () => paint(layer, context, view, tile));
  }

  function put(context, view, tile, clear) {
    const { left, top, width, height } = frame(tile, view);
    if (clear) context.clearRect(left, top, width, height);
    context.drawImage(tile.picture.canvas, left, top, width, height);
  }

  // Paints for a while, then lets the reader move the map and goes on with the next frame. A picture
  // is put to its place at once, for only that makes the browser do what it was told to paint.
  function pictures(layer, context, view, tiles, absent) {
    const end = performance.now() + SLICE;
    const wanting = tiles.filter((tile) => !isPainted(layer, view, tile));
    const lacking = absent.concat(wanting.map((tile) => layer.shapes.tiles.key(tile.column, tile.row)));
    const patchy = lacking.length > 0;
    if (patchy) blocks(layer, context, view, lacking);
    for (const tile of tiles) if (isPainted(layer, view, tile)) put(context, view, tile, patchy);
    let done = 0;
    while (done < wanting.length && performance.now() < end) {
      picture(layer, view, wanting[done]);
      put(context, view, wanting[done++], true);
    }
    if (done < wanting.length) layer.soon();
  }

  // Draws all plots where outlines come from tiles.
  landuse.drawTiled = function (layer, context, view) {
    const shapes = layer.shapes;
    if (!landuse.tilesShow(shapes, view.scale)) {
      blocks(layer, context, view);
      for (let index = layer.looks.length - 1; index >= 0; index--) {
        const large = layer.shown[index] ? layer.largeOf(index, LARGE / view.scale) : [];
        if (large.length) layer.drawGroup(context, view, index, shapes, large);
      }
      return;
    }
    const here = [];
    const absent = [];
    shapes.tiles.each(seen(view), (column, row) => {
      const tile = shapes.tiles.tile(column, row);
      if (tile) here.push(tile);
      else absent.push(shapes.tiles.key(column, row));
    });
    for (const tile of shapes.painted || []) if (!here.includes(tile)) tile.picture = null;
    shapes.painted = here;
    if (shapes.tiles.side * view.scale <= WIDEST) return pictures(layer, context, view, here, absent);
    if (absent.length) blocks(layer, context, view, absent);
    direct(layer, context, view, here);
  };

  // Strokes the outlines of some plots with the pen that is set.
  landuse.outlineTiled = function (shapes, context, view, plots) {
    const parts = new Map();
    const boxes = new Path2D();
    const [left, top, right, bottom] = seen(view);
    for (const plot of plots) {
      const box = shapes.box.subarray(4 * plot, 4 * plot + 4);
      if (box[2] < left || box[0] > right || box[3] < top || box[1] > bottom) continue;
      if (!landuse.tilesShow(shapes, view.scale)) {
        const size = [box[2] - box[0], box[3] - box[1]].map((one) => Math.max(5, one * view.scale));
        boxes.rect(((box[0] + box[2]) / 2) * view.scale - view.dx - size[0] / 2, ((box[1] + box[3]) / 2) * view.scale - view.dy - size[1] / 2, size[0], size[1]);
        continue;
      }
      shapes.tiles.each(box, (column, row) => {
        const tile = shapes.tiles.tile(column, row);
        if (!tile || !tile.of.has(plot)) return;
        if (!parts.has(tile)) parts.set(tile, new Path2D());
        landuse.trace(tile, tile.of.get(plot), view, 5, parts.get(tile), parts.get(tile));
      });
    }
    context.stroke(boxes);
    for (const [tile, path] of parts) within(tile, context, view, () => context.stroke(path));
  };

  landuse.drawSelected = function (layer, context, view) {
    const plot = layer.selected;
    if (plot === undefined || plot < 0 || !layer.shapes.tiled[plot]) return;
    context.save();
    for (const [stroke, width] of [["#fff", 7], ["#c1121f", 3.5]]) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      landuse.outlineTiled(layer.shapes, context, view, [plot]);
    }
    context.restore();
  };
})();
