// Shared by the desk's pages: the stream of news, drafts, sound and notification, the line that says that we are offline.
"use strict";

const desk = (() => {
  const token = document.body.dataset.formToken;
  const offline = document.getElementById("offline");
  const wantsSound = () => localStorage.getItem("dalil.sound") === "1";
  const sayWhetherOffline = () => { offline.hidden = navigator.onLine; };

  // Drafts: kept in this browser until the server has what was written.
  function keepDraft(field, mark) {
    const key = `dalil.draft.${field.dataset.draft}`;
    if (!field.value) field.value = localStorage.getItem(key) || "";
    if (mark && field.value) mark.hidden = false;
    field.addEventListener("input", () => {
      if (field.value) localStorage.setItem(key, field.value);
      else localStorage.removeItem(key);
      if (mark) mark.hidden = !field.value;
    });
    return () => { localStorage.removeItem(key); };
  }

  // A short tone, made here: no file to load.
  function ring() {
    try {
      const context = new AudioContext();
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = 660;
      volume.gain.setValueAtTime(0.12, context.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.4);
      tone.connect(volume).connect(context.destination);
      tone.start();
      tone.stop(context.currentTime + 0.4);
    } catch { /* the browser has no sound, or does not allow it yet */ }
  }

  function call(tag) {
    if (!wantsSound()) return;
    ring();
    if (document.hidden && "Notification" in window && Notification.permission === "granted") {
      // No word of the person: a screen is seen by others.
      new Notification("Dalil", { body: document.body.dataset.sound, tag });
    }
  }

  // The stream of news. The browser connects again by itself and says what it has seen last.
  function listen({ after, caseId = "", onNews, onPresence }) {
    if (!("EventSource" in window)) return;
    const source = new EventSource(`/desk/live?after=${after}&case=${caseId}`);
    source.addEventListener("news", (event) => {
      const news = JSON.parse(event.data);
      if (news.loud.length || news.mentioned) call(news.loud.join());
      onNews(news);
    });
    if (onPresence) source.addEventListener("presence", (event) => onPresence(JSON.parse(event.data)));
    source.addEventListener("signed-out", () => { source.close(); location.reload(); });
    // A stream that was on its way may still open after the connection is gone.
    for (const change of ["open", "error"]) source.addEventListener(change, sayWhetherOffline);
    window.addEventListener("pagehide", () => source.close());
  }

  async function fragment(url) {
    const answer = await fetch(url, { headers: { accept: "text/html", "x-fragment": "1" } });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    return holder.content;
  }

  function post(url, values, keepalive = false) {
    const body = new URLSearchParams({ ...values, form_token: token });
    return fetch(url, { method: "POST", body, keepalive }).catch(() => null);
  }

  for (const change of ["offline", "online"]) window.addEventListener(change, sayWhetherOffline);
  sayWhetherOffline();
  document.querySelectorAll("input.copy").forEach((field) => field.addEventListener("focus", () => field.select()));
  // The language buttons come back to the page on which they were pressed.
  document.querySelectorAll("form.languages").forEach((form) => {
    const back = document.createElement("input");
    Object.assign(back, { type: "hidden", name: "back", value: location.pathname });
    form.append(back);
  });

  const isTyping = (target) => target.matches("input, textarea, select") || target.isContentEditable;
  function keys(actions) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const act = actions[event.key];
      if (act) { event.preventDefault(); act(); }
    });
  }

  return { keepDraft, listen, fragment, post, keys, wantsSound };
})();
