// The wizard in a frame of another site: sends messages to the portal's page (docs/embedding.md), and carries the
// session if the browser keeps no cookie. It is only in this page's memory, since such a frame has no storage.
"use strict";
(() => {
  const ROOT = "/framed";
  const HEADER = "Rolecall-Session";
  const LANGUAGE = "Rolecall-Language";
  const ANSWERS_WITHIN = 10_000;
  const meta = (name) => document.querySelector(`meta[name="rolecall-${name}"]`)?.content || "";
  const parentOrigin = meta("parent");
  const opening = document.getElementById("opening");
  let session = meta("session");
  let language = "";
  let proof = meta("csrf");
  let isCarried = Boolean(session) && !opening;
  document.querySelector('meta[name="rolecall-session"]')?.remove();

  function tell(type, facts = {}) {
    if (parent !== window) parent.postMessage({ rolecall: 1, type, ...facts }, parentOrigin);
  }

  // ---- requests: the session goes in a header; an expired one is renewed, so that no input is lost

  async function send(address, options = {}, isRepeated = false) {
    const headers = new Headers(options.headers);
    const sent = session;
    if (isCarried) headers.set(HEADER, sent);
    if (isCarried && language) headers.set(LANGUAGE, language);
    const answer = await fetch(address, { ...options, headers });
    // Not the session of an answer that was under way when another one arrived: it is older.
    if (isCarried && session === sent) session = answer.headers.get(HEADER) || session;
    if (isCarried) language = answer.headers.get(LANGUAGE) || language;
    if (answer.status === 401 && !isRepeated && (await renew())) return send(address, options, true);
    const isPage = headers.get("HX-Request-Type") === "full" && (answer.redirected || options.method === "GET");
    if (isCarried && isPage && answer.ok) remember(new URL(answer.url).pathname);
    return answer;
  }

  async function exchange(launchUrl) {
    const url = new URL(launchUrl, location.href);
    if (url.origin !== location.origin || !url.pathname.startsWith("/embed/")) return null;
    const body = new URLSearchParams({ secret: url.hash.slice(1), csrf_token: proof, rolecall_session: session });
    const headers = isCarried ? { [HEADER]: session } : {};
    const answer = await fetch(url.pathname, { method: "POST", body, headers });
    if (!answer.ok) return null;
    const carried = answer.headers.get(HEADER);
    isCarried = Boolean(carried);
    session = carried || "";
    const opened = await answer.json();
    proof = opened.csrf_token;
    return opened;
  }

  let renewal = null;
  function renew() {
    renewal ||= new Promise((resolve) => {
      const timer = setTimeout(() => end(null), ANSWERS_WITHIN);
      function heard(event) {
        const said = event.data;
        if (event.source !== parent || event.origin !== parentOrigin) return;
        if (said?.rolecall === 1 && said.type === "launch" && typeof said.url === "string") end(exchange(said.url).catch(() => null));
      }
      function end(result) {
        clearTimeout(timer);
        removeEventListener("message", heard);
        resolve(result);
      }
      addEventListener("message", heard);
      if (parent === window) end(null);
      else tell("relaunch");
    }).finally(() => { renewal = null; });
    return renewal;
  }

  // ---- links: without a cookie, a plain link would lose the session, so htmx loads it. The tenant's page is kept
  // after the # of this page's address, which browsers never send and a reload keeps.

  const position = () => (location.hash.startsWith("#/") ? location.hash.slice(1) : "");

  function remember(path) {
    const here = path.slice(ROOT.length);
    if (path.startsWith(`${ROOT}/`) && here !== position()) history.pushState(null, "", `#${here}`);
  }

  async function go(path) {
    const [address, mark] = path.split("#");
    await htmx.ajax("GET", address, { target: "body" });
    arrive(mark);
  }

  function arrive(mark) {
    const there = mark && document.getElementById(mark);
    if (there) there.scrollIntoView();
    else tell("moved");
    (there || wrong() || document.querySelector("h1"))?.focus({ preventScroll: !wrong() });
  }

  // Browsers ignore autofocus in frames of other sites.
  const wrong = () => document.querySelector("[aria-invalid=true]");

  function follow(event) {
    const link = event.target.closest("a[href]");
    if (!isCarried || !link || link.target || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin) return;
    event.preventDefault();
    if (link.getAttribute("href").startsWith("#")) arrive(url.hash.slice(1));
    else go(url.pathname + url.search + url.hash);
  }

  async function submit(event) {
    const form = event.target;
    const button = event.submitter;
    if (!isCarried || event.defaultPrevented || ((button && button.formTarget) || form.target) === "_blank") return;
    event.preventDefault();
    await htmx.ajax("POST", button?.hasAttribute("formaction") ? button.formAction : form.action, { source: form, event, target: "body" });
    arrive();
  }

  // Send a form again from the page that kept its input; load any other page again.
  function again(lapsed) {
    if (lapsed.requestSubmit) lapsed.requestSubmit();
    else location.reload();
  }

  // ---- messages to the portal's page

  // When htmx replaces only the body, <html> must get the language that the body's footer marks.
  function keepLanguage() {
    const chosen = document.querySelector(".foot [aria-current]");
    if (chosen) document.documentElement.lang = chosen.lang;
  }

  let told = "";
  function report() {
    const panel = document.getElementById("status_panel");
    if (!panel) return;
    const facts = { status: panel.dataset.status, connection: panel.dataset.handle, accountId: panel.dataset.account || null };
    if (told === JSON.stringify(facts)) return;
    told = JSON.stringify(facts);
    tell("status", facts);
  }

  async function open() {
    const secret = position() ? "" : location.hash.slice(1);
    if (secret) history.replaceState(null, "", location.pathname);
    const opened = (secret && (await exchange(`${location.pathname}#${secret}`))) || (await renew());
    if (!opened) {
      opening.textContent = opening.dataset.failed;
      document.querySelector("[role=status]").hidden = true;
      document.getElementById("not_opened").hidden = false;
      return;
    }
    const path = position() ? ROOT + position() : opened.path;
    if (isCarried) go(path);
    else location.replace(path);
  }

  document.addEventListener("htmx:config:request", (event) => { event.detail.ctx.fetch = send; });
  document.addEventListener("htmx:after:swap", () => { keepLanguage(); report(); });
  document.addEventListener("click", follow);
  document.addEventListener("submit", submit);
  addEventListener("popstate", () => { if (isCarried && position()) go(ROOT + position()); });
  if (window.htmx && (isCarried || opening)) htmx.config.history = false;
  new ResizeObserver(() => tell("height", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) })).observe(document.documentElement);
  tell("ready");
  report();
  wrong()?.focus();
  const lapsed = document.querySelector("[data-lapsed]");
  if (opening) open();
  else if (lapsed) renew().then((opened) => { if (opened) again(lapsed); });
})();
