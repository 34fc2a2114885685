// Outlines of plots from PMTiles: in the page as base64, or beside it and read by parts.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const WORLD = 256;
  const HEADER = 127; // bytes of a PMTiles header
  const KEPT = 600; // tiles in memory
  const ACROSS = 36; // usual plots across a tile
  const MOVE = 1, LINE = 2, CLOSE = 7;

  landuse.bytes = function (base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  };

  // The embedded file stands in blocks of the same length; each is decoded when it is needed.
  function embedded(about) {
    const blocks = new Map();
    const block = (index) => {
      if (!blocks.has(index)) blocks.set(index, landuse.bytes(document.getElementById("landuse-tiles-" + index).textContent));
      return blocks.get(index);
    };
    return function (offset, length) {
      const found = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const index = Math.floor((offset + done) / about.block);
        const from = (offset + done) % about.block;
        const part = block(index).subarray(from, from + length - done);
        found.set(part, done);
        done += part.length;
      }
      return Promise.resolve(found);
    };
  }

  function beside(about) {
    let all = null; // a server without ranges sends the whole file, once
    return async function (offset, length) {
      if (!all) {
        const range = "bytes=" + offset + "-" + (offset + length - 1);
        const answer = await fetch(about.file, { headers: { Range: range } });
        if (!answer.ok) throw new Error(about.file + ": " + answer.status);
        const found = new Uint8Array(await answer.arrayBuffer());
        if (answer.status === 206) return found;
        all = found;
      }
      return all.subarray(offset, offset + length);
    };
  }

  async function unpacked(bytes) {
    const stream = new Response(bytes).body.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // Reads the numbers of protocol buffers and of PMTiles directories.
  class Reader {
    constructor(bytes, at, end) {
      this.bytes = bytes;
      this.at = at || 0;
      this.end = end === undefined ? bytes.length : end;
    }
    number() {
      let value = 0, factor = 1, byte;
      do {
        byte = this.bytes[this.at++];
        value += (byte & 127) * factor;
        factor *= 128;
      } while (byte > 127);
      return value;
    }
    part() {
      const length = this.number();
      const part = new Reader(this.bytes, this.at, this.at + length);
      this.at += length;
      return part;
    }
    skip(kind) {
      if (kind === 0) this.number();
      else if (kind === 1) this.at += 8;
      else if (kind === 2) this.part();
      else this.at += 4;
    }
    // act(field, kind) for each field; what it does not read is skipped
    each(act) {
      while (this.at < this.end) {
        const key = this.number();
        const before = this.at;
        act(Math.floor(key / 8), key & 7);
        if (this.at === before) this.skip(key & 7);
      }
    }
  }

  const whole = (bytes, at) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return view.getUint32(at, true) + view.getUint32(at + 4, true) * 4294967296;
  };

  // Entries of a directory: number of the tile, offset, length, and how many tiles it stands for.
  function directory(bytes) {
    const reader = new Reader(bytes);
    const count = reader.number();
    const entries = [];
    let id = 0;
    for (let i = 0; i < count; i++) entries.push({ id: (id += reader.number()), run: 0, length: 0, offset: 0 });
    for (const entry of entries) entry.run = reader.number();
    for (const entry of entries) entry.length = reader.number();
    entries.forEach((entry, i) => {
      const offset = reader.number();
      entry.offset = offset ? offset - 1 : entries[i - 1].offset + entries[i - 1].length;
    });
    return entries;
  }

  // The place of a tile in the order of PMTiles: by zoom level, then along a Hilbert curve.
  function tileId(zoom, column, row) {
    let id = (Math.pow(4, zoom) - 1) / 3;
    let x = column, y = row;
    for (let side = Math.pow(2, zoom - 1); side >= 1; side /= 2) {
      const right = (x & side) > 0 ? 1 : 0, low = (y & side) > 0 ? 1 : 0;
      id += side * side * ((3 * right) ^ low);
      if (!low) {
        if (right) {
          x = side - 1 - x;
          y = side - 1 - y;
        }
        [x, y] = [y, x];
      }
    }
    return id;
  }

  function entryOf(entries, id) {
    let low = 0, high = entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (entries[middle].id <= id) low = middle + 1;
      else high = middle - 1;
    }
    const entry = entries[high];
    return entry && (entry.run === 0 || id < entry.id + entry.run) ? entry : null;
  }

  function valuesOf(parts) {
    return parts.map((part) => {
      let found = -1;
      part.each((field) => {
        const value = part.number();
        found = field === 6 ? value / 2 : value; // never negative
      });
      return found;
    });
  }

  function rings(reader, place, into) {
    let x = 0, y = 0;
    const signed = () => {
      const value = reader.number();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    };
    while (reader.at < reader.end) {
      const command = reader.number();
      const count = command >> 3, what = command & 7;
      if (what === CLOSE) continue;
      for (let i = 0; i < count; i++) {
        if (what === MOVE) into.firstPoint.push(into.x.length);
        else if (what !== LINE) throw new Error("tile");
        x += signed();
        y += signed();
        into.x.push(place.left + x * place.step);
        into.y.push(place.top + y * place.step);
      }
    }
  }

  function layerOf(reader) {
    const layer = { features: [], values: [], extent: 4096 };
    reader.each((field) => {
      if (field === 2) layer.features.push(reader.part());
      else if (field === 4) layer.values.push(reader.part());
      else if (field === 5) layer.extent = reader.number();
    });
    return layer;
  }

  // A tile as shapes.js has plots, in pixels of zoom level 0; `plots` are the numbers of its plots.
  function decode(bytes, zoom, column, row) {
    const into = { plots: [], firstRing: [], firstPoint: [], x: [], y: [] };
    const reader = new Reader(bytes);
    const side = WORLD / Math.pow(2, zoom);
    reader.each((field) => {
      if (field !== 3) return;
      const layer = layerOf(reader.part());
      const numbers = valuesOf(layer.values);
      const place = { left: column * side, top: row * side, step: side / layer.extent };
      for (const feature of layer.features) {
        feature.each((name) => {
          if (name === 2) {
            const tags = feature.part();
            tags.number();
            into.plots.push(numbers[tags.number()]);
            into.firstRing.push(into.firstPoint.length);
          } else if (name === 4) rings(feature.part(), place, into);
        });
      }
    });
    into.firstRing.push(into.firstPoint.length);
    into.firstPoint.push(into.x.length);
    const count = into.plots.length;
    const tile = { count, plots: Int32Array.from(into.plots), x: Float64Array.from(into.x), y: Float64Array.from(into.y) };
    tile.firstRing = Uint32Array.from(into.firstRing);
    tile.firstPoint = Uint32Array.from(into.firstPoint);
    tile.box = landuse.boxes(tile);
    tile.column = column;
    tile.row = row;
    tile.edge = [column * side, row * side, (column + 1) * side, (row + 1) * side];
    tile.of = new Map(into.plots.map((plot, at) => [plot, at]));
    return tile;
  }

  // Tiles of a zoom level; `tile` gives one that has no plots of its own.
  landuse.LocalTiles = class {
    constructor(typical) {
      this._level(Math.max(2, Math.min(20, Math.round(Math.log2(WORLD / (ACROSS * typical))))));
    }

    _level(zoom) {
      this.zoom = zoom;
      this.side = WORLD / Math.pow(2, zoom);
      this.tiles = new Map();
    }

    key(column, row) {
      return row * Math.pow(2, this.zoom) + column;
    }

    tile(column, row) {
      const key = this.key(column, row);
      if (!this.tiles.has(key)) this.tiles.set(key, { tile: decode(new Uint8Array(0), this.zoom, column, row) });
      return this.tiles.get(key).tile;
    }

    // act(column, row) for each tile that touches a box [left, top, right, bottom]
    each(box, act) {
      const last = Math.pow(2, this.zoom) - 1;
      const at = (value) => Math.max(0, Math.min(last, Math.floor(value / this.side)));
      for (let row = at(box[1]); row <= at(box[3]); row++) {
        for (let column = at(box[0]); column <= at(box[2]); column++) act(column, row);
      }
    }
  };

  landuse.Tiles = class extends landuse.LocalTiles {
    constructor(about) {
      super(1);
      this._level(about.zoom);
      this.read = about.file ? beside(about) : embedded(about);
      this.leaves = new Map();
      this.arrived = () => {};
    }

    async _open() {
      const head = await this.read(0, HEADER);
      this.leafAt = whole(head, 40);
      this.dataAt = whole(head, 56);
      return directory(await unpacked(await this.read(whole(head, 8), whole(head, 16))));
    }

    async _find(id) {
      this.root = this.root || this._open();
      let entry = entryOf(await this.root, id);
      while (entry && entry.run === 0) {
        const leaf = entry;
        if (!this.leaves.has(leaf.offset)) {
          this.leaves.set(leaf.offset, this.read(this.leafAt + leaf.offset, leaf.length).then(unpacked).then(directory));
        }
        entry = entryOf(await this.leaves.get(leaf.offset), id);
      }
      return entry;
    }

    async _load(column, row) {
      const entry = await this._find(tileId(this.zoom, column, row));
      if (!entry) return decode(new Uint8Array(0), this.zoom, column, row);
      const packed = await this.read(this.dataAt + entry.offset, entry.length);
      return decode(await unpacked(packed), this.zoom, column, row);
    }

    // The tile if it is here, else undefined, and it is fetched.
    tile(column, row) {
      const key = this.key(column, row);
      const known = this.tiles.get(key);
      if (known) {
        this.tiles.delete(key); // the one used last is the last to be forgotten
        this.tiles.set(key, known);
        return known.tile;
      }
      const waiting = { tile: undefined };
      this.tiles.set(key, waiting);
      this._load(column, row).then(
        (tile) => {
          waiting.tile = tile;
          this.arrived();
        },
        // asked for once: a server that is gone is not asked at every move
        (fault) => console.warn(String(fault))
      );
      if (this.tiles.size > KEPT) this.tiles.delete(this.tiles.keys().next().value);
      return undefined;
    }

    // Whether a point is inside a plot; undefined while its tile is not here.
    isInside(plot, x, y) {
      const tile = this.tile(Math.floor(x / this.side), Math.floor(y / this.side));
      if (!tile) return undefined;
      const at = tile.of.get(plot);
      return at !== undefined && landuse.isInside(tile, at, x, y);
    }
  };
})();
