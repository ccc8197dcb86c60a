// A case: its thread is always the present one, colleagues see one another, nobody answers over a colleague.
"use strict";

(() => {
  const { case: id, last } = document.currentScript.dataset;
  const text = document.getElementById("text");
  const noteText = document.getElementById("note-text");
  const noteBox = document.getElementById("note-box");
  const presence = document.getElementById("presence");
  const asked = new URLSearchParams(location.search);

  // The server sends here with ?sent or ?noted once it has stored the words: only then is a draft done with.
  if (asked.has("sent")) localStorage.removeItem(`dalil.draft.reply-${id}`);
  if (asked.has("noted")) localStorage.removeItem(`dalil.draft.note-${id}`);
  if (asked.size) history.replaceState(null, "", location.pathname + location.hash);
  if (text) desk.keepDraft(text, document.getElementById("draft-kept"));
  desk.keepDraft(noteText);
  if (noteText.value) noteBox.open = true;

  // A form is sent once, and only while there is a connection.
  document.querySelectorAll("main form[method=post]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent || !navigator.onLine) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  }));

  async function refresh() {
    try {
      const fresh = await desk.fragment(`/desk/cases/${id}/thread`);
      const before = document.getElementById("thread");
      const after = fresh.getElementById("thread");
      // Who owns the case decides which forms there are: then the page is made anew, drafts and all.
      if (before.dataset.owner !== after.dataset.owner || before.dataset.status !== after.dataset.status) { location.reload(); return; }
      before.replaceWith(after);
      document.querySelectorAll("input.version").forEach((field) => { field.value = after.dataset.version; });
      if (document.activeElement === text) text.scrollIntoView({ block: "nearest" });
    } catch (error) {
      if (error.message === "404") location.href = "/desk";
    }
  }

  // What is on its way (a reply, a file) arrives without an event of the case.
  setInterval(() => { if (!document.hidden && document.querySelector("#thread .on-its-way")) refresh(); }, 5000);

  function showPresent(others) {
    const typing = others.filter((other) => other.typing);
    const shown = typing.length ? typing : others;
    const words = typing.length ? presence.dataset.typing : presence.dataset.here;
    presence.textContent = words.replace("{names}", shown.map((other) => other.name).join(", "));
    presence.hidden = !shown.length;
  }

  let typedAt = 0;
  const state = () => (Date.now() - typedAt < 6000 ? "typing" : "here");
  const say = (what, last_ = false) => desk.post(`/desk/cases/${id}/presence`, { state: what }, last_);
  let said = "";
  for (const field of [text, noteText]) {
    field?.addEventListener("input", () => {
      typedAt = Date.now();
      if (said !== "typing") { said = "typing"; say(said); }
    });
  }
  setInterval(() => { said = state(); say(said); }, 8000);
  say("here");
  window.addEventListener("pagehide", () => say("left", true));

  // Answers at hand.
  const box = document.getElementById("answers");
  const find = document.getElementById("find-answers");
  const wanted = document.getElementById("answers-search");
  const found = document.getElementById("answers-found");
  let waiting;
  let looks = 0;
  async function look() {
    const mine = ++looks;
    try {
      const answers = await desk.fragment(`${find.dataset.url}?q=${encodeURIComponent(wanted.value)}`);
      if (mine === looks) found.replaceChildren(answers); // an answer that comes late is an answer to an older question
    } catch { /* offline: looked for again with the next letter */ }
  }
  find?.addEventListener("click", () => { box.hidden = !box.hidden; if (!box.hidden) { look(); wanted.focus(); } });
  wanted?.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 200); });
  found?.addEventListener("click", (event) => {
    if (!event.target.matches(".insert")) return;
    const words = event.target.closest("li").querySelector(".preview").textContent;
    text.value = text.value ? `${text.value}\n${words}` : words;
    text.dispatchEvent(new Event("input"));
    box.hidden = true;
    text.focus();
  });

  document.querySelectorAll(".mention").forEach((button) => button.addEventListener("click", () => {
    noteText.value += `@${button.dataset.name} `;
    noteText.dispatchEvent(new Event("input"));
    noteText.focus();
  }));

  // Ctrl+Enter sends what is being written.
  for (const field of [text, noteText]) {
    field?.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") field.form.requestSubmit();
    });
  }
  desk.keys({
    r: () => text?.focus(),
    n: () => { noteBox.open = true; noteText.focus(); },
    t: () => document.querySelector("#take button")?.click(),
    u: () => document.getElementById("back").click(),
  });
  desk.listen({
    after: last,
    caseId: id,
    onNews: (news) => { if (news.cases.includes(id)) refresh(); },
    onPresence: showPresent,
  });
})();
