// Keeps the first page up to date while it is open and looked at. Without it, the page fetches
// itself anew.
"use strict";

(() => {
  const page = document.getElementById("glance");
  const AGAIN_MS = 20_000;
  let stream = null;

  // The day's figures: the same page again, and of it the part that changes.
  async function refresh(state) {
    if (page.contains(document.activeElement)) return; // somebody is reading with the keyboard
    const answer = await fetch(page.dataset.again);
    if (answer.redirected || !answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = new Set([...page.querySelectorAll("figure:has(details[open])")].map(({ id }) => id));
    page.replaceChildren(...found.getElementById("glance").childNodes);
    page.dataset.state = state;
    window.charts.draw(page);
    for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
  }

  function listen() {
    stream = new EventSource(page.dataset.live);
    stream.addEventListener("now", ({ data }) => {
      document.getElementById("now").innerHTML = data; // our own page's words, as the server escaped them
    });
    stream.addEventListener("figures", ({ data }) => {
      if (data !== page.dataset.state) refresh(data).catch(() => {}); // the next event tries again
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
