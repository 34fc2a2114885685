// Pieces of the side panel: groups that fold, tick boxes, choices.
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const make = landuse.element;
  let made = 0;

  // A group of the panel that folds; returns its body.
  landuse.group = function (panel, key, title, open) {
    const box = make("details", "group");
    box.id = "group-" + key;
    box.open = Boolean(open);
    box.append(make("summary", "", title));
    const body = make("div", "group-body");
    box.append(body);
    panel.append(box);
    return body;
  };

  landuse.tick = function (text, checked, act) {
    const label = make("label", "tick");
    const box = make("input");
    box.type = "checkbox";
    box.checked = checked;
    box.addEventListener("change", () => act(box.checked));
    label.append(box, make("span", "value", text));
    label.box = box;
    return label;
  };

  // A labelled choice; options are [value, text].
  landuse.choice = function (text, options, act) {
    const holder = make("div", "choice");
    const label = make("label", "", text);
    const select = make("select");
    select.id = label.htmlFor = "choice-" + ++made;
    for (const [value, words] of options) {
      const option = make("option", "", words);
      option.value = value;
      select.append(option);
    }
    select.addEventListener("change", () => act(select.value));
    holder.append(label, select);
    holder.select = select;
    return holder;
  };

  landuse.field = function (text, kind, act) {
    const holder = make("div", "choice");
    const label = make("label", "", text);
    const input = make("input");
    input.type = kind;
    input.id = label.htmlFor = "choice-" + ++made;
    if (kind === "number") input.step = "any";
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => act(input.value), 200);
    });
    holder.append(label, input);
    holder.input = input;
    return holder;
  };

  landuse.button = function (text, act) {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  };
})();
