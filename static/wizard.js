// What HTML cannot do: copy, count seconds, poll when the tab is shown, update the tab's title.
"use strict";
(() => {
  const page = document.documentElement;
  page.classList.add("js");
  const ownTitle = document.title;
  const narrow = matchMedia("(max-width: 68rem)");
  let panelIsOpen = !narrow.matches;
  let news = "";

  const panel = () => document.getElementById("status_panel");

  // Show the panel's news in the tab's title too, since the tenant is in the AWS tab.
  function settlePanel() {
    const live = panel();
    if (!live) return;
    const details = live.querySelector("details");
    // What needs the tenant is not left folded on a phone; whoever folds it then has seen it. Open, it stays in sight and
    // would hide the answer to what was pasted, or the field in which somebody types.
    const isBusy = narrow.matches && document.querySelector("#pasted, main :is(input, select, textarea):focus");
    if (!isBusy) {
      if ("asks" in live.dataset && live.dataset.news !== news) panelIsOpen = true;
      news = live.dataset.news;
    }
    details.open = panelIsOpen;
    details.querySelector("summary").addEventListener("click", () => { panelIsOpen = !details.open; });
    if (live.dataset.status !== "connected") document.title = live.dataset.title ? `${live.dataset.title} · ${ownTitle}` : ownTitle;
    tick();
  }

  function tick() {
    for (const shown of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.round((Date.now() - Date.parse(shown.dataset.since)) / 1000));
      if (shown.tagName === "PROGRESS") shown.value = Math.min(seconds, shown.max * 0.97);
      else shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }

  async function copy(button) {
    const value = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(value.textContent);
    } catch {
      // No clipboard (plain http, an old browser): select the value, so that the tenant can copy it.
      getSelection().selectAllChildren(value);
      if (!document.execCommand("copy")) return;
    }
    const label = button.querySelector(".with-js") || button.firstChild;
    const before = label.textContent;
    const done = button.dataset.copied;
    if (before === done) return;
    label.textContent = done;
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  function arm() {
    for (const button of document.querySelectorAll("[data-copy][hidden], [data-print][hidden]")) button.hidden = false;
    settlePanel();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && panel()) htmx.trigger(panel(), "look");
  });
  document.addEventListener("htmx:after:swap", () => {
    arm();
    // The wizard moved on by itself: move the focus, so that screen readers read the new page.
    if (panel() && panel().dataset.status === "connected" && !document.activeElement?.closest("main")) document.querySelector("#wizard h1")?.focus();
  });
  setInterval(tick, 1000);
  arm();
})();
