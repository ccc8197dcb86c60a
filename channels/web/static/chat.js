// The chat page. What is written is kept until the server has it, so a lost connection loses and doubles nothing.
"use strict";

(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const language = document.documentElement.lang;
  const list = document.getElementById("messages");
  const typing = document.getElementById("typing");
  const notice = document.getElementById("notice");
  const form = document.getElementById("write-form");
  const input = document.getElementById("text");
  const placeForm = document.getElementById("place-form");
  const placeInput = document.getElementById("place");
  const OUTBOX = "dalil.outbox";
  const RETRY_MS = 3000;

  let lastSeen = 0;
  let places = null;
  let sending = false;
  let source = null;
  const shown = new Map(); // client id -> list item

  const outbox = {
    read() {
      try { return JSON.parse(sessionStorage.getItem(OUTBOX)) || []; } catch { return this.memory || []; }
    },
    write(items) {
      this.memory = items;
      try { sessionStorage.setItem(OUTBOX, JSON.stringify(items)); } catch { /* private mode: memory serves */ }
    },
  };

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function say(text) {
    notice.textContent = text || "";
    notice.hidden = !text;
  }

  function addMessage(author, text, language) {
    const item = document.createElement("li");
    item.className = `message ${author}`;
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = author === "person" ? words.you : words[author];
    item.append(who);
    for (const part of text.split(/\n{2,}/)) {
      const paragraph = document.createElement("p");
      paragraph.dir = "auto";
      if (language) paragraph.lang = language;
      paragraph.textContent = part;
      item.append(paragraph);
    }
    list.append(item);
    return item;
  }

  function setState(item, text, failed) {
    let state = item.querySelector(".state");
    if (!state) {
      state = document.createElement("span");
      item.append(state);
    }
    state.className = failed ? "state failed" : "state";
    state.textContent = text;
  }

  function addButtons(item, buttons) {
    if (!buttons.length) return;
    const row = document.createElement("div");
    row.className = "buttons";
    for (const { title, token } of buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = title;
      button.addEventListener("click", () => send({ token }, title));
      row.append(button);
    }
    item.append(row);
  }

  function scrollToEnd() {
    list.scrollTop = list.scrollHeight;
  }

  // A long answer is read from its beginning.
  function scrollTo(item) {
    if (item.offsetHeight < list.clientHeight - 40) scrollToEnd();
    else list.scrollTop = item.offsetTop - list.offsetTop - 8;
  }

  function send(content, text) {
    const entry = { id: newId(), ...content };
    const item = addMessage("person", text);
    setState(item, words.waiting);
    shown.set(entry.id, item);
    outbox.write([...outbox.read(), { entry, text }]);
    scrollToEnd();
    flush();
  }

  async function openSession() {
    const answer = await fetch("/channels/web/session", { method: "POST" });
    if (!answer.ok) throw new Error("session");
  }

  async function post(entry) {
    return fetch("/channels/web/messages", {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": language },
      body: JSON.stringify({ ...entry, language }),
    });
  }

  // Sends what waits, oldest first; the same id may be sent twice, the server keeps it once.
  async function flush() {
    if (sending) return;
    sending = true;
    try {
      for (let waiting = outbox.read(); waiting.length; waiting = outbox.read()) {
        const { entry } = waiting[0];
        let answer;
        try {
          answer = await post(entry);
          if (answer.status === 401) {
            await openSession();
            connect();
            answer = await post(entry);
          }
        } catch {
          say(words.offline);
          setTimeout(flush, RETRY_MS);
          return;
        }
        if (answer.status >= 500) {
          say(words.error_not_ready);
          setTimeout(flush, RETRY_MS);
          return;
        }
        outbox.write(outbox.read().filter((other) => other.entry.id !== entry.id));
        const item = shown.get(entry.id);
        if (answer.ok) {
          say("");
          if (item) setState(item, words.sent);
          typing.hidden = false;
          scrollToEnd();
        } else {
          const problem = await answer.json().catch(() => ({}));
          say(problem.message || words.error_not_understood);
          if (item) setState(item, words.not_sent, true);
        }
      }
    } finally {
      sending = false;
    }
  }

  function receive(message) {
    if (message.id <= lastSeen) return;
    lastSeen = message.id;
    if (message.author === "person") {
      if (!message.text) return;
      const own = shown.get(message.client_id);
      if (own) setState(own, words.sent);
      else shown.set(message.client_id, addMessage("person", message.text));
    } else {
      typing.hidden = true;
      const item = addMessage(message.author, message.text, message.language);
      addButtons(item, message.buttons);
      placeForm.hidden = !message.asks_place;
      if (message.asks_place) loadPlaces();
      scrollTo(item);
      return;
    }
    scrollToEnd();
  }

  function connect() {
    if (source) source.close();
    source = new EventSource(`/channels/web/events?after=${lastSeen}`);
    source.addEventListener("message", (event) => receive(JSON.parse(event.data)));
    source.addEventListener("open", () => { say(""); flush(); });
    source.addEventListener("error", () => {
      // EventSource tries again by itself unless it was refused.
      if (source.readyState === EventSource.CLOSED) setTimeout(start, RETRY_MS);
    });
  }

  async function loadPlaces() {
    if (places) return;
    const answer = await fetch(`/channels/web/places?language=${language}`);
    if (!answer.ok) return;
    places = await answer.json();
    const options = document.getElementById("places");
    options.replaceChildren(...places.map(({ name }) => new Option(name, name)));
  }

  function sendPlace(event) {
    event.preventDefault();
    const name = placeInput.value.trim();
    if (!name) return;
    const known = (places || []).find((place) => place.name === name);
    placeForm.hidden = true;
    placeInput.value = "";
    send(known ? { place: known.id } : { text: name }, name);
  }

  function sendPin() {
    if (!navigator.geolocation) {
      say(words.location_failed);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        placeForm.hidden = true;
        send({ location: { latitude: coords.latitude, longitude: coords.longitude } }, "📍");
      },
      () => say(words.location_failed),
      { timeout: 15000, maximumAge: 60000 },
    );
  }

  function submit(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    grow();
    send({ text }, text);
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 128)}px`;
  }

  async function start() {
    try {
      await openSession();
    } catch {
      say(words.offline);
      setTimeout(start, RETRY_MS);
      return;
    }
    connect();
  }

  form.addEventListener("submit", submit);
  placeForm.addEventListener("submit", sendPlace);
  document.getElementById("pin").addEventListener("click", sendPin);
  input.addEventListener("input", grow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  window.addEventListener("online", flush);
  for (const { entry, text } of outbox.read()) {
    const item = addMessage("person", text);
    setState(item, words.waiting);
    shown.set(entry.id, item);
  }
  start();
})();
