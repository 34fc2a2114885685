// The review page: list, map and card in step; verdict keys; what others change meanwhile.
(function () {
  "use strict";
  var EVERY = 2000;
  var desk = document.getElementById("review");
  var base = desk.dataset.base;
  var frame = document.getElementById("map");
  var form = document.getElementById("filter");
  var list = document.getElementById("list");
  var card = document.getElementById("card");
  var notice = document.getElementById("notice");
  var chosen = desk.dataset.chosen;
  var query = list.querySelector(".count").dataset.query;
  var seen = Number(desk.dataset.seen);
  var mapReady = false;
  var asked = 0; // the newest card that was asked for; older answers are not shown
  var stepping = 0; // a step over the end of what the list shows, done when more has come

  function rowOf(plot) {
    return document.querySelector('#plots tr[data-plot="' + CSS.escape(plot) + '"]');
  }

  // ---- the map in its frame
  function tell(act, more) {
    if (!mapReady || !frame.contentWindow) return;
    var message = Object.assign({ kind: "landuse", token: desk.dataset.token, act: act }, more);
    frame.contentWindow.postMessage(message, window.location.origin);
  }
  function isOn(id) {
    return document.getElementById(id).getAttribute("aria-pressed") === "true";
  }
  var HEARD = {
    ready: function () {
      mapReady = true;
      tell("layout", { head: false, panel: isOn("layers"), card: false });
      tell("presenter", { on: isOn("presenter") });
      tell("filter", { query: query });
      window.fetch(base + "/states").then(function (answer) { return answer.json(); }).then(function (data) {
        tell("states", { states: data.states });
        if (chosen) tell("select", { id: chosen, move: true });
      }).catch(function () {});
    },
    selected: function (data) {
      if (data.id) choose(String(data.id), false);
    },
    filtered: function (data) {
      if (!data.asked) load(String(data.query || ""), true);
    },
    key: function (data) {
      onKey(String(data.key || ""));
    }
  };
  window.addEventListener("message", function (event) {
    var data = event.data;
    if (event.source !== frame.contentWindow || event.origin !== window.location.origin) return;
    if (!data || data.kind !== "landuse" || data.token !== desk.dataset.token) return;
    if (Object.prototype.hasOwnProperty.call(HEARD, data.act)) HEARD[data.act](data);
  });

  // ---- the address
  function address() {
    var pairs = new URLSearchParams(query);
    if (chosen) pairs.set("plot", chosen);
    var said = pairs.toString();
    return base + (said ? "?" + said : "");
  }
  window.addEventListener("popstate", function () { window.location.reload(); });

  // ---- the list
  function wished() {
    var pairs = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      var said = String(value).trim();
      if (said && !(name === "order" && said === "class")) pairs.append(name, said);
    });
    if (!pairs.get("indicator")) { pairs.delete("min"); pairs.delete("max"); }
    return pairs.toString();
  }
  function load(wish, withForm) {
    var path = base + "/list?" + wish + (withForm ? (wish ? "&" : "") + "form=1" : "");
    return window.htmx.ajax("GET", path, { target: list, swap: "innerHTML" });
  }
  function fresh() {
    var count = list.querySelector(".count");
    if (!count) return;
    var before = query;
    query = count.dataset.query;
    if (query !== before) window.history.pushState({}, "", address());
    document.getElementById("book").href = document.getElementById("book").dataset.base + "?" + query;
    var hidden = document.getElementById("agenda-query");
    if (hidden) {
      hidden.value = query;
      document.getElementById("agenda-count").textContent = count.querySelector("b").textContent;
    }
    tell("filter", { query: query });
    pills();
    mark();
  }
  function pills() {
    form.querySelectorAll("details.menu").forEach(function (menu) {
      var kind = menu.dataset.kind;
      var n = kind === "range" ? Number(/(^|&)(min|max)=/.test(query)) : menu.querySelectorAll("input:checked").length;
      var pill = menu.querySelector("summary .pill");
      if (pill) pill.remove();
      if (n) menu.querySelector("summary").append(Object.assign(document.createElement("b"), { className: "pill", textContent: String(n) }));
    });
  }
  function mark() {
    document.querySelectorAll("#plots tr[aria-current]").forEach(function (row) { row.removeAttribute("aria-current"); });
    var row = chosen ? rowOf(chosen) : null;
    if (!row) return;
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  }
  function further() {
    var button = document.getElementById("further");
    if (!button || button.disabled) return false;
    button.disabled = true;
    var path = base + "/list?" + query + (query ? "&" : "") + "from=" + button.dataset.from;
    window.htmx.ajax("GET", path, { target: button.closest("tr"), swap: "outerHTML" });
    return true;
  }
  function step(by) {
    var rows = Array.from(document.querySelectorAll("#plots tr[data-plot]"));
    var at = rows.findIndex(function (row) { return row.dataset.plot === chosen; });
    var target = rows[at < 0 ? 0 : at + by];
    if (target) choose(target.dataset.plot, true);
    else if (by > 0 && further()) stepping = by;
  }
  var typing = 0;
  form.addEventListener("input", function (event) {
    if (event.target.name !== "q") return;
    window.clearTimeout(typing);
    typing = window.setTimeout(function () { load(wished(), false); }, 250);
  });
  form.addEventListener("change", function (event) {
    if (event.target.name !== "q") load(wished(), false);
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    load(wished(), false);
  });
  list.addEventListener("click", function (event) {
    if (event.target.closest("#further")) { further(); return; }
    var row = event.target.closest("tr[data-plot]");
    if (row) choose(row.dataset.plot, true);
  });

  // ---- the card
  var messages = document.getElementById("messages");
  messages.addEventListener("click", function () { messages.textContent = ""; });
  function choose(plot, move) {
    chosen = plot;
    messages.textContent = "";
    window.history.replaceState({}, "", address());
    mark();
    tell("select", { id: plot, move: move });
    openCard();
  }
  function openCard() {
    var mine = (asked += 1);
    notice.textContent = "";
    var path = base + "/card?plot=" + encodeURIComponent(chosen);
    window.fetch(path, { headers: { "HX-Request": "true" } }).then(function (answer) {
      return answer.text().then(function (html) {
        if (mine !== asked) return;
        if (answer.status === 401) { window.location.reload(); return; }
        window.htmx.swap(answer.ok ? card : messages, html, { swapStyle: "innerHTML" });
      });
    }).catch(lost);
  }
  function isBusy() {
    var open = card.querySelector("form.verdict:not([hidden])") || card.querySelector(".acts details[open]");
    return Boolean(open);
  }
  function leave() {
    card.querySelectorAll("form.verdict").forEach(function (one) { one.hidden = true; });
    card.querySelectorAll(".key").forEach(function (one) { one.removeAttribute("aria-expanded"); });
  }
  function verdict(code) {
    var one = document.getElementById("verdict-" + code);
    var button = card.querySelector('.key[data-verdict="' + code + '"]');
    if (!one || !button || button.disabled) return;
    var again = !one.hidden;
    leave();
    if (again) return;
    one.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (one.querySelector("[required]") || one.querySelector("button.main")).focus();
  }
  card.addEventListener("click", function (event) {
    var key = event.target.closest(".key");
    if (key) verdict(key.dataset.verdict);
    if (event.target.closest(".leave")) leave();
    var link = event.target.closest("[data-reload]");
    if (link) openCard();
  });
  card.addEventListener("keydown", function (event) {
    var area = event.target.tagName === "TEXTAREA" && event.target.closest("form");
    if (area && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      area.requestSubmit();
    }
  });
  notice.addEventListener("click", function (event) {
    if (event.target.closest("button")) openCard();
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target === list) fresh();
    if (stepping && event.detail.target !== card) {
      var by = stepping;
      stepping = 0;
      window.setTimeout(function () { step(by); }, 0);
    }
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.requestConfig.verb !== "get" && event.detail.successful) poll();
  });
  document.addEventListener("htmx:responseError", function () {
    poll();
  });

  // ---- what others do
  function lost() {
    notice.textContent = desk.dataset.lost;
    notice.className = "lost";
  }
  function changed(one) {
    one.plots.forEach(function (plot) {
      var row = rowOf(plot);
      if (!row) return;
      var state = row.querySelector(".state");
      state.className = "state s-" + one.state;
      state.textContent = one.word;
      var number = row.querySelector(".c-case_number bdi");
      if (number) number.textContent = one.number;
      row.classList.remove("fresh");
      void row.offsetWidth;
      row.classList.add("fresh");
    });
  }
  function mine(one) {
    var shown = card.querySelector("article");
    return shown && one.plots.indexOf(shown.dataset.plot) >= 0 &&
      (shown.dataset.number !== one.number || Number(shown.dataset.revision) < one.revision);
  }
  function say(one) {
    notice.className = "told";
    notice.textContent = desk.dataset.changed.replace("{by}", one.by).replace("{said}", one.said);
  }
  function take(data) {
    var states = {};
    data.changes.forEach(function (one) {
      changed(one);
      one.plots.forEach(function (plot) { states[plot] = one.state; });
    });
    if (data.changes.length) tell("states", { states: states });
    var last = data.changes.filter(mine).pop();
    if (last && !card.querySelector(".htmx-request")) {
      if (isBusy()) {
        say(last);
        var button = document.createElement("button");
        button.type = "button";
        button.textContent = "↻";
        notice.append(" ", button);
      } else {
        openCard();
        if (last.by !== desk.dataset.user) say(last);
      }
    }
    if (data.many) load(query, false);
    meeting(data.meeting, Object.keys(states));
    seen = Math.max(seen, data.newest);
  }
  function meeting(now, touched) {
    var number = now ? now.number : "";
    if (number !== desk.dataset.meeting) {
      if (!isBusy()) window.location.reload();
      return;
    }
    if (!now) return;
    document.getElementById("progress").textContent = now.decided + " / " + now.total;
    var bar = document.querySelector(".running progress");
    if (bar) bar.value = now.decided;
    touched.forEach(function (plot) {
      var row = rowOf(plot);
      if (row && row.classList.contains("on-agenda")) row.classList.toggle("left", now.left.indexOf(plot) >= 0);
    });
  }
  var polling = false;
  var leaving = false; // a form is on its way to another page, which a reload here would stop
  document.addEventListener("submit", function (event) {
    if (!event.defaultPrevented && event.target.method === "post" && !event.target.hasAttribute("hx-post")) leaving = true;
  });
  function poll() {
    if (polling || leaving) return;
    polling = true;
    window.fetch(base + "/changes?since=" + seen, { headers: { "HX-Request": "true" } }).then(function (answer) {
      if (answer.status === 401) { window.location.reload(); return null; }
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (data) {
      polling = false;
      if (!data || leaving) return;
      if (notice.className === "lost") { notice.textContent = ""; notice.className = ""; }
      take(data);
    }).catch(function () {
      polling = false;
      lost();
    });
  }
  window.setInterval(poll, EVERY);

  // ---- keys
  var VERDICTS = { 1: "confirm", 2: "reject", 3: "survey", 4: "defer", 5: "object" };
  function press(id) { document.getElementById(id).click(); }
  function undoLast() {
    var button = card.querySelector("form.undo button");
    if (button) { button.scrollIntoView({ block: "nearest" }); button.focus(); }
  }
  function onKey(key) {
    if (Object.prototype.hasOwnProperty.call(VERDICTS, key)) verdict(VERDICTS[key]);
    else if (key === "j" || key === "ArrowDown") step(1);
    else if (key === "k" || key === "ArrowUp") step(-1);
    else if (key === "u") undoLast();
    else if (key === "p") press("presenter");
    else if (key === "w") press("wide");
    else if (key === "l") press("layers");
    else if (key === "/") form.querySelector("[name=q]").focus();
    else return false;
    return true;
  }
  function isTyping(target) {
    var kind = target.tagName;
    if (kind === "TEXTAREA" || kind === "SELECT") return true;
    return kind === "INPUT" && target.type !== "checkbox" && target.type !== "radio";
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      leave();
      document.querySelectorAll("details.menu[open]").forEach(function (one) { one.open = false; });
      if (isTyping(event.target)) event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (onKey(event.key)) event.preventDefault();
  });

  // ---- views
  function toggle(id, act) {
    document.getElementById(id).addEventListener("click", function () {
      var on = !isOn(id);
      this.setAttribute("aria-pressed", String(on));
      act(on);
    });
  }
  function presenter(on) {
    document.documentElement.classList.toggle("presenter", on);
    tell("presenter", { on: on });
    try { window.localStorage.setItem("landuse-presenter", on ? "1" : ""); } catch (fault) { void fault; }
  }
  toggle("presenter", presenter);
  toggle("wide", function (on) { desk.classList.toggle("wide", on); mark(); });
  toggle("layers", function (on) { tell("layout", { panel: on }); });
  try { if (window.localStorage.getItem("landuse-presenter")) press("presenter"); } catch (fault) { void fault; }
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (one) {
      if (!one.contains(event.target)) one.open = false;
    });
    if (event.target.id === "clear") load("", true);
  });
  if (chosen) { mark(); openCard(); }
})();
