// The choice of what the colours mean, the method of the classes, and the year of the revitalised.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;

  function years(app) {
    const done = app.plots.revitalised;
    return done ? Array.from(new Set(done.year)).sort((a, b) => a - b) : [];
  }

  // A slider over the years of acceptance; its last place shows all.
  function yearSlider(app) {
    const known = years(app);
    const holder = landuse.field(app.say("year_slider"), "range", () => {});
    const input = holder.input;
    const said = make("output");
    const first = known[0] - 1;
    Object.assign(input, { min: String(first), max: String(known[known.length - 1]), step: "1" });
    input.value = input.max;
    input.addEventListener("input", () => {
      const year = Number(input.value);
      app.setState({ year: input.value === input.max ? null : year });
    });
    holder.append(said);
    holder.show = () => {
      const year = app.state.year === null ? Number(input.max) : app.state.year;
      input.value = String(year);
      const n = app.plots.revitalised.year.filter((one) => one <= year).length;
      said.textContent = app.say("year_said", { year, n });
      input.setAttribute("aria-valuetext", said.textContent);
    };
    return holder;
  }

  landuse.coloursPanel = function (panel, app) {
    const say = app.say;
    const body = landuse.group(panel, "colours", say("colours"), false);
    const options = [["", say("colour_class")]];
    for (const one of app.meta.measures) if (one.breaks.quantile.length) options.push([one.key, one.title]);
    if (app.second()) options.push(["change", say("colour_change")]);
    const colour = landuse.choice(say("colour_by"), options, (value) => app.setState({ colour: value }));
    const methods = [["quantile", say("method_quantile")], ["natural", say("method_natural")]];
    const method = landuse.choice(say("method"), methods, (value) => app.setState({ method: value }));
    const note = make("p", "small", say("colour_note"));
    body.append(colour, method, note);
    const slider = years(app).length ? yearSlider(app) : null;
    if (slider) body.append(slider);
    app.on("theme", () => {
      const figure = app.meta.measures.some((one) => one.key === app.state.colour);
      colour.select.value = app.state.colour;
      method.select.value = app.state.method;
      note.hidden = !figure;
      method.hidden = !figure || app.meta.audience === "public"; // bands are what they are
      if (slider) {
        slider.hidden = app.state.colour !== "";
        slider.show();
      }
    });
  };
})();
