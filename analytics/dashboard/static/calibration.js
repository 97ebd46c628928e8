// The guided walk: fetches the page anew while a station is on, and puts in what has changed.
// Counting: a tap counts at once and is sent on, also if the network is away for a while.
// Without this script both are pages and forms.
"use strict";

(() => {
  const LOOK_MS = 2000;
  const SEND_MS = 400;
  const LONGEST_WAIT_MS = 30000;
  const PATIENCE_MS = 10000;
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
    // What is not known to be counted, in the order it is to be sent. Each has the number by
    // which the appliance knows it if it comes twice. Kept if the page is loaded anew, or left
    // to sign in again.
    const kept = `unsent ${page.dataset.add}`;
    const unsent = JSON.parse(sessionStorage.getItem(kept) ?? "[]");
    const saved = { entered: 0, passed: 0 };
    const note = document.getElementById("unsent");
    let tap = 0;
    let wait = SEND_MS;
    let timer = null;
    let isSending = false;
    let stopping = null;

    const shown = (who) => page.querySelector(`[data-count="${who}"]`);
    for (const who of Object.keys(saved)) saved[who] = Number(shown(who)?.textContent ?? 0);

    function show() {
      for (const who of Object.keys(saved)) {
        const place = shown(who);
        const more = unsent.reduce((sum, each) => sum + (each.who === who ? each.step : 0), 0);
        if (place) place.textContent = String(Math.max(saved[who] + more, 0));
      }
      note.hidden = !unsent.length || wait === SEND_MS;
      if (unsent.length) sessionStorage.setItem(kept, JSON.stringify(unsent));
      else sessionStorage.removeItem(kept);
    }

    function add(who, step) {
      const last = unsent[unsent.length - 1];
      // Not into one that was sent: it may have been counted as it was.
      const isOpen = last && !last.sent && last.who === who;
      if (isOpen && Math.abs(last.step + step) <= MOST_AT_ONCE) last.step += step;
      else unsent.push({ page: page.dataset.page, tap: ++tap, who, step, sent: false });
      show();
    }

    function soon(ms) {
      if (!isSending && timer === null) timer = setTimeout(send, ms);
    }

    async function send() {
      clearTimeout(timer);
      timer = null;
      const next = unsent[0];
      if (!next || isSending) return;
      isSending = next.sent = true;
      show();
      const { page: name, tap: number, who, step } = next;
      try {
        const answer = await fetch(page.dataset.add, {
          method: "POST",
          headers: { Accept: "application/json" },
          body: new URLSearchParams({ page: name, tap: number, who, step }),
          signal: AbortSignal.timeout?.(PATIENCE_MS),
        });
        // Signed out meanwhile: the page to sign in says so, and what is unsent waits.
        if (answer.redirected || answer.status === 403) return location.reload();
        if (answer.status === 409) {
          sessionStorage.removeItem(kept);
          return location.reload(); // somebody has stopped it
        }
        if (!answer.ok) throw new Error(answer.status);
        saved[who] = (await answer.json())[who];
        unsent.shift();
        wait = SEND_MS;
      } catch {
        // Away from the network: it is tried again, less and less often.
        wait = Math.min(2 * wait, LONGEST_WAIT_MS);
      }
      isSending = false;
      show();
      if (unsent.length) soon(wait);
      else if (stopping) stopping.requestSubmit();
    }

    page.addEventListener("submit", (event) => {
      const form = event.target;
      if (!form.dataset.stop) {
        event.preventDefault();
        add(form.elements.who.value, Number(form.elements.step.value));
        soon(0);
      } else if (unsent.length) {
        event.preventDefault();
        stopping = form;
        send();
      }
    });
    addEventListener("online", send);
    show();
    soon(0);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const walk = document.getElementById("walk");
    if (walk) follow(walk);
    const page = document.getElementById("counting");
    if (page) count(page);
  });
})();
