// Outlines of all plots in typed arrays, in Web Mercator pixels of zoom level 0.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const WORLD = 256;
  const MANY = 3000; // plots above which outlines are painted tile by tile

  function starts(counts) {
    const first = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) first[i + 1] = first[i] + counts[i];
    return first;
  }

  function project(block, x, y) {
    let longitude = 0;
    let latitude = 0;
    for (let i = 0; i < x.length; i++) {
      longitude += block.xy[2 * i];
      latitude += block.xy[2 * i + 1];
      const sine = Math.sin((latitude * block.step * Math.PI) / 180);
      x[i] = WORLD * ((longitude * block.step) / 360 + 0.5);
      y[i] = WORLD * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
    }
  }

  // shapes.firstRing[plot] .. firstRing[plot + 1] are the rings of a plot, firstPoint likewise;
  // box[4 * plot ...] is left, top, right, bottom; a plot without rings has right < left.
  landuse.decodeShapes = function (block) {
    const firstRing = starts(block.rings);
    const firstPoint = starts(block.points);
    const x = new Float64Array(block.xy.length / 2);
    const y = new Float64Array(x.length);
    project(block, x, y);
    const shapes = { count: block.rings.length, firstRing, firstPoint, x, y };
    shapes.box = landuse.boxes(shapes);
    if (block.tiles) place(shapes, block);
    else if (shapes.count > MANY) parcelled(shapes);
    return shapes;
  };

  landuse.boxes = function (shapes) {
    const box = new Float64Array(4 * shapes.count);
    for (let plot = 0; plot < shapes.count; plot++) {
      let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
      const end = shapes.firstPoint[shapes.firstRing[plot + 1]];
      for (let i = shapes.firstPoint[shapes.firstRing[plot]]; i < end; i++) {
        if (shapes.x[i] < left) left = shapes.x[i];
        if (shapes.x[i] > right) right = shapes.x[i];
        if (shapes.y[i] < top) top = shapes.y[i];
        if (shapes.y[i] > bottom) bottom = shapes.y[i];
      }
      const at = 4 * plot;
      box[at] = left;
      box[at + 1] = top;
      box[at + 2] = right;
      box[at + 3] = bottom;
    }
    return box;
  };

  // Many outlines are painted tile by tile as if they came so: a move paints what is new in view.
  function parcelled(shapes) {
    const sides = [];
    for (let plot = 0; plot < shapes.count; plot++) {
      const at = 4 * plot;
      if (landuse.isDrawn(shapes, plot)) sides.push(Math.max(shapes.box[at + 2] - shapes.box[at], shapes.box[at + 3] - shapes.box[at + 1]));
    }
    if (!sides.length) return;
    shapes.tiled = new Uint8Array(shapes.count);
    shapes.typical = Math.max(1e-6, sides.sort((a, b) => a - b)[sides.length >> 1]);
    shapes.tiles = new landuse.LocalTiles(shapes.typical);
    landuse.gather(shapes);
  }

  // Plots whose outlines are in tiles have their boxes from a block of west, south, east, north.
  function place(shapes, block) {
    const bytes = landuse.bytes(document.getElementById("landuse-places").textContent);
    const steps = new Int32Array(bytes.buffer);
    shapes.tiled = new Uint8Array(shapes.count);
    shapes.typical = block.tiles.typical;
    const across = (value) => WORLD * ((value * block.step) / 360 + 0.5);
    const down = (value) => {
      const sine = Math.sin((value * block.step * Math.PI) / 180);
      return WORLD * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
    };
    for (let plot = 0; plot < shapes.count; plot++) {
      const at = 4 * plot;
      if (landuse.isDrawn(shapes, plot) || steps[at + 2] < steps[at]) continue;
      shapes.tiled[plot] = 1;
      shapes.box[at] = across(steps[at]);
      shapes.box[at + 1] = down(steps[at + 3]);
      shapes.box[at + 2] = across(steps[at + 2]);
      shapes.box[at + 3] = down(steps[at + 1]);
    }
    shapes.tiles = new landuse.Tiles(block.tiles);
    landuse.gather(shapes);
  }

  landuse.isDrawn = (shapes, plot) => shapes.box[4 * plot + 2] >= shapes.box[4 * plot];

  // Whether a point is inside a plot (even-odd over its rings, so that holes are outside).
  landuse.isInside = function (shapes, plot, px, py) {
    let inside = false;
    for (let ring = shapes.firstRing[plot]; ring < shapes.firstRing[plot + 1]; ring++) {
      const first = shapes.firstPoint[ring];
      const last = shapes.firstPoint[ring + 1] - 1;
      for (let i = first, j = last; i <= last; j = i++) {
        const yi = shapes.y[i], yj = shapes.y[j];
        if (yi > py !== yj > py && px < ((shapes.x[j] - shapes.x[i]) * (py - yi)) / (yj - yi) + shapes.x[i]) {
          inside = !inside;
        }
      }
    }
    return inside;
  };

  // The extent of some plots as [left, top, right, bottom], or null.
  landuse.extent = function (shapes, plots) {
    const all = [Infinity, Infinity, -Infinity, -Infinity];
    for (const plot of plots) {
      if (!landuse.isDrawn(shapes, plot)) continue;
      const box = shapes.box.subarray(4 * plot, 4 * plot + 4);
      all[0] = Math.min(all[0], box[0]);
      all[1] = Math.min(all[1], box[1]);
      all[2] = Math.max(all[2], box[2]);
      all[3] = Math.max(all[3], box[3]);
    }
    return all[2] >= all[0] ? all : null;
  };

  landuse.latLng = function (x, y) {
    const turn = Math.PI - (2 * Math.PI * y) / WORLD;
    return L.latLng((180 / Math.PI) * Math.atan(Math.sinh(turn)), (x / WORLD) * 360 - 180);
  };

  landuse.latLngs = function (shapes, plot) {
    const rings = [];
    for (let ring = shapes.firstRing[plot]; ring < shapes.firstRing[plot + 1]; ring++) {
      const points = [];
      for (let i = shapes.firstPoint[ring]; i < shapes.firstPoint[ring + 1]; i++) {
        points.push(landuse.latLng(shapes.x[i], shapes.y[i]));
      }
      rings.push([points]);
    }
    return rings;
  };

  landuse.bounds = (box) => L.latLngBounds(landuse.latLng(box[0], box[1]), landuse.latLng(box[2], box[3]));
})();
