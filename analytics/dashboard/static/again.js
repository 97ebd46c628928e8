// Fetches the page anew and changes what has changed: without a jump, and not while somebody is at
// it with the keyboard, nor while nobody looks.
"use strict";

(() => {
  const { url, seconds } = document.currentScript.dataset;

  // Puts `region` of the page at `address` in place of the one here. Says whether it did.
  async function renew(address, region) {
    const place = document.querySelector(region);
    if (document.hidden || place.contains(document.activeElement)) return false;
    const answer = await fetch(address);
    const words = await answer.text();
    // To where one signs in.
    if (answer.redirected) location.reload();
    if (answer.redirected || !answer.ok || place.contains(document.activeElement)) return false;
    const found = new DOMParser().parseFromString(words, "text/html").querySelector(region);
    const tables = [...place.querySelectorAll("figure[id] > details[open]")];
    const open = tables.map((each) => each.parentElement.id);
    place.replaceChildren(...found.childNodes);
    for (const [name, value] of Object.entries(found.dataset)) place.dataset[name] = value;
    window.charts?.draw(place);
    for (const id of open) {
      document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    }
    return true;
  }

  window.again = { renew };
  if (url) setInterval(() => renew(url, "#content").catch(() => {}), seconds * 1000);
})();
