/**
 * Shows Rolecall in your page. No dependencies. docs/embedding.md describes its messages.
 * @version 1.0.0
 */
"use strict";
(() => {
  /**
   * @typedef {Object} Outcome
   * @property {"draft"|"waiting"|"rejected"|"connected"|"degraded"|"disconnected"|"expired"} status
   * @property {string} connection  the connection's public name, as in `connections show`
   * @property {string|null} accountId  the twelve digits, once the account is known
   *
   * @typedef {Object} Options
   * @property {() => Promise<Response|{url: string}>} launch  asks your server for a launch; called again to renew the session
   * @property {string} [title]  the frame's name for screen readers
   * @property {() => void} [onReady]  the frame has loaded
   * @property {(outcome: Outcome) => void} [onStatus]  the status of the connection on screen changed
   * @property {(outcome: Outcome) => void} [onConnected]  it is connected; called once per connection
   * @property {(error: Error) => void} [onError]  your server returned no launch
   */

  const MOST_RENEWALS_A_MINUTE = 6;

  /**
   * Put the wizard into an element of your page.
   * @param {Element|string} place  the element, or its selector
   * @param {Options} options
   * @returns {{frame: HTMLIFrameElement, unmount: () => void}}
   */
  function mount(place, options) {
    const element = typeof place === "string" ? document.querySelector(place) : place;
    if (!element) throw new Error(`Rolecall.mount: there is no ${place}`);
    const frame = document.createElement("iframe");
    frame.title = options.title || "Connect your AWS account";
    frame.referrerPolicy = "no-referrer";
    frame.allow = "clipboard-write";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation");
    Object.assign(frame.style, { border: "0", width: "100%", height: "40rem", display: "block" });
    let origin = "";
    let renewals = [];
    const connected = new Set();

    async function launch() {
      let answer = await options.launch();
      if (answer instanceof Response) {
        if (!answer.ok) throw new Error(`Rolecall: the launch was answered ${answer.status}`);
        answer = await answer.json();
      }
      const url = new URL(answer.url);
      origin ||= url.origin;
      if (url.origin !== origin) throw new Error(`Rolecall: the launch leads to ${url.origin}`);
      return url.href;
    }

    function fail(error) {
      emit("error", { error });
      if (options.onError) options.onError(error);
      else console.error(error);
    }

    function emit(name, detail) {
      element.dispatchEvent(new CustomEvent(`rolecall:${name}`, { detail, bubbles: true }));
    }

    const does = {
      ready() {
        emit("ready", {});
        options.onReady?.();
      },
      height({ height }) {
        if (Number.isFinite(height) && height > 0 && height < 50_000) frame.style.height = `${height}px`;
      },
      moved() {
        if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      },
      status({ status, connection, accountId }) {
        const outcome = { status, connection, accountId };
        emit("status", outcome);
        options.onStatus?.(outcome);
        if (status !== "connected" || connected.has(connection)) return;
        connected.add(connection);
        emit("connected", outcome);
        options.onConnected?.(outcome);
      },
      relaunch() {
        renewals = renewals.filter((at) => at > Date.now() - 60_000);
        if (renewals.push(Date.now()) > MOST_RENEWALS_A_MINUTE) return;
        launch().then((url) => frame.contentWindow?.postMessage({ rolecall: 1, type: "launch", url }, origin), fail);
      },
    };

    /** Accepts messages only from this frame, and only from Rolecall's origin. */
    function hear(event) {
      const said = event.data;
      if (event.source !== frame.contentWindow || event.origin !== origin || !said || said.rolecall !== 1) return;
      if (Object.hasOwn(does, said.type)) does[said.type](said);
    }

    addEventListener("message", hear);
    launch().then((url) => {
      frame.src = url;
      element.append(frame);
    }, fail);

    return {
      frame,
      unmount() {
        removeEventListener("message", hear);
        frame.remove();
      },
    };
  }

  window.Rolecall = Object.freeze({ version: "1.0.0", mount });
})();
