// Says that a case has news, and keeps the draft of a reply over a lost connection or a reload.
"use strict";

(() => {
  const { case: id, last, status } = document.currentScript.dataset;
  const news = document.getElementById("news");
  const text = document.getElementById("text");
  const key = `dalil.draft.${id}`;
  const EVERY_MS = 4000;

  if (text) {
    if (!text.value) text.value = localStorage.getItem(key) || "";
    text.addEventListener("input", () => localStorage.setItem(key, text.value));
    // The server sends here, to #reply, once it has stored the reply: only then is the draft done with.
    if (location.hash === "#reply" && document.referrer === location.href.split("#")[0]) {
      localStorage.removeItem(key);
      text.value = text.defaultValue;
    }
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
