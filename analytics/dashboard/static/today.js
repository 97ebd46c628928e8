// Keeps the first page up to date while it is open and looked at: the figures of the moment as they
// come, the day's whenever they have changed. Without it, the page fetches itself anew.
"use strict";

(() => {
  const page = document.getElementById("glance");
  const AGAIN_MS = 20_000;
  let stream = null;

  function listen() {
    stream = new EventSource(page.dataset.live);
    stream.addEventListener("now", ({ data }) => {
      document.getElementById("now").innerHTML = data; // the server's own words, escaped there
    });
    stream.addEventListener("figures", ({ data }) => {
      // If it cannot be done now, the next stream says the same again.
      if (data === page.dataset.state) return;
      window.again.renew(page.dataset.again, "#glance").catch(() => {});
    });
    stream.addEventListener("over", () => location.reload());
    stream.addEventListener("error", () => {
      // The browser tries again by itself, unless the answer was no stream: signed out, perhaps.
      if (stream?.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), AGAIN_MS);
    });
  }

  // A page that nobody looks at keeps no stream from those who do.
  function follow() {
    stream?.close();
    stream = null;
    if (!document.hidden) listen();
  }

  document.addEventListener("visibilitychange", follow);
  follow();
})();
