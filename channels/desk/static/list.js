// The list: new cases and messages appear in it, keys move through it.
"use strict";

(() => {
  const rows = document.getElementById("rows");
  const sound = document.getElementById("sound");
  const search = document.getElementById("words");
  let chosen = -1;

  sound.checked = desk.wantsSound();
  sound.addEventListener("change", () => {
    localStorage.setItem("dalil.sound", sound.checked ? "1" : "0");
    if (sound.checked && "Notification" in window && Notification.permission === "default") Notification.requestPermission();
  });

  async function refresh(news) {
    const url = new URL(location.href);
    url.searchParams.set("part", "rows");
    try {
      const fresh = await desk.fragment(url);
      const focused = document.activeElement?.closest("[data-case]")?.dataset.case;
      const views = document.getElementById("views");
      const view = views.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      // The numbers beside the views come with the rows and stand in another place.
      views.replaceWith(fresh.getElementById("views"));
      if (view) [...document.querySelectorAll("#views a")].find((link) => link.getAttribute("href") === view)?.focus({ preventScroll: true });
      rows.replaceChildren(fresh);
      for (const id of news.cases) rows.querySelector(`[data-case="${id}"]`)?.classList.add("new");
      if (focused) rows.querySelector(`[data-case="${focused}"] a`)?.focus({ preventScroll: true });
    } catch { /* offline: the next news brings it */ }
  }

  function move(by) {
    const links = [...rows.querySelectorAll(".cases a")];
    const now = links.indexOf(document.activeElement);
    chosen = Math.max(0, Math.min(links.length - 1, (now === -1 ? chosen : now) + by));
    links[chosen]?.focus();
  }

  desk.keys({ j: () => move(1), k: () => move(-1), "/": () => search.focus() });
  desk.listen({ after: rows.dataset.last, onNews: refresh });
})();
