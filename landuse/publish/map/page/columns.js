// Reading the data blocks, and writing values for people. Text reaches the page by textContent only.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});

  landuse.block = (name) => JSON.parse(document.getElementById("landuse-" + name).textContent);

  landuse.textAt = (column, row) => column.values[column.at[row]];

  landuse.element = function (tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  };

  const formats = new Map();
  // A number with at least `least` and at most `most` decimals; a dash where there is none.
  landuse.number = function (value, least, most) {
    if (value === null || value === undefined) return "—";
    const key = least + "/" + most;
    if (!formats.has(key)) {
      const options = { minimumFractionDigits: least, maximumFractionDigits: most };
      formats.set(key, new Intl.NumberFormat("en-US", options));
    }
    return formats.get(key).format(value);
  };

  // A ratio: two to four decimals, and below 0.01 its first three digits that count.
  landuse.ratio = (value) =>
    value !== null && value !== 0 && Math.abs(value) < 0.01 ? String(Number(value.toPrecision(3))) : landuse.number(value, 2, 4);

  // A sentence of the catalogue with its values; the result is text, never markup.
  landuse.sayer = function (words) {
    return function (code, values) {
      const template = Object.prototype.hasOwnProperty.call(words, code) ? words[code] : code;
      return template.replace(/\{(\w+)\}/g, (whole, name) =>
        values && name in values ? String(values[name]) : whole
      );
    };
  };

  // Text as it is compared: full-width as half-width, capitals as small, no spaces.
  landuse.fold = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
})();
