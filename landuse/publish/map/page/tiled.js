// Drawing plots whose outlines are in tiles: as blocks of pixels where they are small or their tile
// is not here yet, else as the other plots are drawn, within the edges of each tile.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const LEAST = 7; // pixels of a usual plot from which outlines are drawn
  const EDGED = 4; // pixels of a block from which it has an edge

  landuse.tilesShow = (shapes, scale) => shapes.typical * scale >= LEAST;

  const seen = (view) => [view.dx, view.dy, view.dx + view.size.x, view.dy + view.size.y].map((one) => one / view.scale);

  // A colour as a pixel has it: opacity, blue, green, red.
  function pixel(context, colour, opacity) {
    context.fillStyle = colour;
    const value = parseInt(context.fillStyle.slice(1, 7), 16);
    const red = value >> 16, green = (value >> 8) & 255, blue = value & 255;
    return ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }

  function blocks(layer, context, view) {
    const width = context.canvas.width, height = context.canvas.height;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = view.scale * (window.devicePixelRatio || 1);
    const dx = view.dx * (scale / view.scale), dy = view.dy * (scale / view.scale);
    const box = layer.shapes.box;
    for (let index = layer.looks.length - 1; index >= 0; index--) {
      if (!layer.shown[index]) continue;
      const look = layer.looks[index];
      const pale = look.fill === "#ffffff" || look.pattern === "dots";
      const fill = pixel(context, look.fill, 1), edge = pixel(context, look.stroke, 1);
      const point = pale ? pixel(context, look.stroke, 0.5) : fill;
      const plots = layer._orderOfTiled[index];
      for (let i = 0; i < plots.length; i++) {
        const plot = plots[i];
        if (layer.mask && !layer.mask[plot]) continue;
        const at = 4 * plot;
        const left = Math.floor(box[at] * scale - dx), top = Math.floor(box[at + 1] * scale - dy);
        if (left >= width || top >= height) continue;
        const right = Math.max(left + 1, Math.round(box[at + 2] * scale - dx));
        const bottom = Math.max(top + 1, Math.round(box[at + 3] * scale - dy));
        if (right <= 0 || bottom <= 0) continue;
        const edged = right - left >= EDGED && bottom - top >= EDGED;
        const inside = edged ? fill : point;
        const from = Math.max(0, left), to = Math.min(width, right), last = Math.min(height, bottom);
        for (let row = Math.max(0, top); row < last; row++) {
          const start = row * width;
          if (!edged) pixels.fill(inside, start + from, start + to);
          else if (row === top || row === bottom - 1) pixels.fill(edge, start + from, start + to);
          else {
            pixels.fill(inside, start + from, start + to);
            if (from === left) pixels[start + from] = edge;
            if (to === right) pixels[start + to - 1] = edge;
          }
        }
      }
    }
    context.putImageData(image, 0, 0);
  }

  // Only what is within the tile: its neighbours have the other parts of the plots on its edge.
  function within(tile, context, view, clear, act) {
    const ratio = window.devicePixelRatio || 1;
    const at = (value, start) => Math.round((value * view.scale - start) * ratio) / ratio;
    const left = at(tile.edge[0], view.dx), top = at(tile.edge[1], view.dy);
    const width = at(tile.edge[2], view.dx) - left, height = at(tile.edge[3], view.dy) - top;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    if (clear) context.clearRect(left, top, width, height);
    act();
    context.restore();
  }

  function ordered(layer, tile) {
    if (tile.theme !== layer.theme) {
      const tiled = layer.shapes.tiled;
      const groups = Int32Array.from(tile.plots, (plot) => layer.theme.groupOf[plot]);
      tile.theme = layer.theme;
      tile.order = landuse.byGroup(groups, layer.looks.length, (at) => tiled[tile.plots[at]]);
    }
    return tile.order;
  }

  landuse.drawTiled = function (layer, context, view) {
    const shapes = layer.shapes;
    const ready = [];
    let whole = landuse.tilesShow(shapes, view.scale);
    if (whole) {
      shapes.tiles.each(seen(view), (column, row) => {
        const tile = shapes.tiles.tile(column, row);
        if (tile) ready.push(tile);
        else if (tile === undefined) whole = false;
      });
    }
    if (!whole) blocks(layer, context, view);
    for (const tile of ready) {
      within(tile, context, view, !whole, () => {
        const order = ordered(layer, tile);
        for (let index = layer.looks.length - 1; index >= 0; index--) {
          if (layer.shown[index] && order[index].length) layer.drawGroup(context, view, index, tile, order[index], tile.plots);
        }
      });
    }
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
    for (const [tile, path] of parts) within(tile, context, view, false, () => context.stroke(path));
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
