// Says that a case has news, and keeps the draft of a reply over a lost connection or a reload.
"use strict";

(() => {
  const { case: id, last, status } = document.currentScript.dataset;
  const news = document.getElementById("news");
  const text = document.getElementById("text");
  const key = `dalil.draft.${id}`;
  const EVERY_MS = 4000;

  if (text) {
    // The server sends here with ?sent once it has stored the reply: only then is the draft done with.
    if (new URLSearchParams(location.search).has("sent")) {
      localStorage.removeItem(key);
      history.replaceState(null, "", location.pathname + location.hash);
    }
    if (!text.value) text.value = localStorage.getItem(key) || "";
    text.addEventListener("input", () => localStorage.setItem(key, text.value));
  }

  async function look() {
    try {
      const answer = await fetch(`/desk/cases/${id}/last`);
      if (answer.ok) {
        const now = await answer.json();
        if (String(now.last) !== last || now.status !== status) {
          if (text && text.value) news.hidden = false;
          else location.reload();
        }
      }
    } catch { /* offline: looked at again in a moment */ }
  }

  setInterval(look, EVERY_MS);
})();
