// The guided walk: fetches the page anew while a station is on, and puts in what has changed.
// Counting: a tap counts at once and is sent on, also if the network is away for a while.
// Without this script both are pages and forms.
"use strict";

(() => {
  const LOOK_MS = 2000;
  const SEND_MS = 400;
  const MOST_AT_ONCE = 20;

  function follow(walk) {
    const status = document.getElementById("walk-status");
    async function look() {
      try {
        const address = new URL(location.href);
        address.searchParams.set("again", "1");
        const answer = await fetch(address, { headers: { Accept: "text/html" } });
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = fresh.getElementById("walk");
        if (!answer.ok || !next) return location.reload();
        walk.replaceWith(next);
        walk = next;
        // Read aloud only when it says something new.
        const said = fresh.getElementById("walk-status").textContent;
        if (status.textContent !== said) status.textContent = said;
      } catch {
        // The phone is on its way from one network to another.
      }
      if (walk.dataset.running) setTimeout(look, LOOK_MS);
    }
    if (walk.dataset.running) setTimeout(look, LOOK_MS);
  }

  function count(page) {
    const waiting = { entered: 0, passed: 0 };
    const saved = { entered: 0, passed: 0 };
    const note = document.getElementById("unsent");
    let isSending = false;

    const shown = (who) => page.querySelector(`[data-count="${who}"]`);
    for (const who of Object.keys(saved)) saved[who] = Number(shown(who)?.textContent ?? 0);

    function show() {
      for (const who of Object.keys(saved)) {
        const place = shown(who);
        if (place) place.textContent = String(Math.max(saved[who] + waiting[who], 0));
      }
      note.hidden = !waiting.entered && !waiting.passed;
    }

    async function send() {
      const who = Object.keys(waiting).find((each) => waiting[each]);
      if (!who || isSending) return;
      isSending = true;
      const step = Math.max(-MOST_AT_ONCE, Math.min(MOST_AT_ONCE, waiting[who]));
      try {
        const answer = await fetch(page.dataset.add, {
          method: "POST",
          headers: { Accept: "application/json" },
          body: new URLSearchParams({ who, step: String(step) }),
        });
        if (answer.ok) {
          saved[who] = (await answer.json())[who];
          waiting[who] -= step;
        } else if (answer.status === 409) {
          return location.reload(); // somebody has stopped it
        }
      } catch {
        // Away from the network: it is tried again.
      }
      isSending = false;
      show();
      if (waiting.entered || waiting.passed) setTimeout(send, SEND_MS);
    }

    page.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.dataset.stop) {
        if (!waiting.entered && !waiting.passed) return;
        event.preventDefault();
        send().then(() => setTimeout(() => form.requestSubmit(), SEND_MS));
        return;
      }
      event.preventDefault();
      waiting[form.elements.who.value] += Number(form.elements.step.value);
      show();
      setTimeout(send, 0);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const walk = document.getElementById("walk");
    if (walk) follow(walk);
    const page = document.getElementById("counting");
    if (page) count(page);
  });
})();
