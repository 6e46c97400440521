"use strict";
// The player, tables that sort, ratings and files, for whatever htmx brings into the page: all listening is done at the document.
const player = document.getElementById("player");
let current = null; // what plays: {id, start, length}
let queue = []; // sounds still to be played, by id

const $ = id => document.getElementById(id);
const sounds = {
  get(id) {
    const data = $(id);
    return data && {id, url: data.value, start: Number(data.dataset.start), length: Number(data.dataset.length),
      title: data.dataset.title, by: data.dataset.by};
  },
};

function play(sound) {
  if (current?.url !== sound.url) {
    player.src = sound.url;
    $("now").textContent = sound.title;
    $("by").textContent = sound.by;
    $("bar").hidden = false;
  } else if (player.currentTime >= sound.start + sound.length - 0.1 || player.currentTime < sound.start) {
    player.currentTime = sound.start;
  }
  current = sound;
  player.play().catch(error => {
    if (error.name === "NotAllowedError") $("by").textContent = "Click once in the page, then sounds may start by themselves.";
    else if (player.error) $("by").textContent = "This browser cannot play this file.";
  });
}

function toggle(sound) {
  queue = [];
  if (sound.id === current?.id && !player.paused) player.pause();
  else play(sound);
}

function show() {
  const playing = !player.paused && !player.ended;
  for (const button of document.querySelectorAll(".play[data-sound]")) {
    const mine = button.dataset.sound === current?.id;
    const done = mine ? (player.currentTime - current.start) / current.length : 0;
    button.classList.toggle("playing", mine && playing);
    button.setAttribute("aria-label", (mine && playing ? "Pause " : "Play ") + button.dataset.title);
    button.style.setProperty("--share", Math.min(Math.max(done, 0), 1));
  }
  for (const mark of document.querySelectorAll(".disc")) mark.classList.toggle("playing", mark.dataset.sound === current?.id && playing);
}

function next() {
  if (!queue.length || !current) return;
  if (player.ended || player.currentTime >= current.start + current.length - 0.1) play(queue.shift());
}
for (const event of ["play", "pause", "ended", "timeupdate"]) player.addEventListener(event, show);
for (const event of ["pause", "ended"]) player.addEventListener(event, next);

document.addEventListener("click", event => {
  const at = event.target.closest("[data-sound]");
  const sound = at && sounds.get(at.dataset.sound);
  if (sound) {
    event.preventDefault();
    toggle(sound);
  }
});

// Tables.
const words = new Intl.Collator(undefined, {numeric: true});
function compare(a, b) {
  if ("value" in a.dataset) return a.dataset.value - b.dataset.value;
  const text = cell => (cell.querySelector(".titled") ?? cell).textContent;
  return words.compare(text(a), text(b));
}
document.addEventListener("click", event => {
  const head = event.target.closest(".sortable thead button")?.closest("th");
  if (!head) return;
  const table = head.closest("table"), heads = [...table.tHead.rows[0].cells], column = heads.indexOf(head);
  const order = {ascending: "descending", descending: "ascending"}[head.getAttribute("aria-sort")] ?? head.dataset.first;
  for (const other of heads) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => sign * compare(a.cells[column], b.cells[column])));
});
for (const [event, on] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]])
  document.addEventListener(event, ({target}) => {
    const row = target.closest?.("tr[data-result]");
    if (row) document.querySelector(`.disc[data-result="${row.dataset.result}"]`)?.classList.toggle("pointed", on);
  });

// Ratings: each is sent at once, and the answers come back ranked anew.
function rate(element, ranks, values) {
  const answers = element.closest(".answers"), [answer] = ranks[0].split("-");
  const rating = {revision: answers.dataset.revision, answer, rank: ranks.map(each => each.split("-")[1]).join(), ...values};
  const title = element.closest("tr")?.querySelector(".titled")?.textContent;
  const kind = element.matches("select") ? "select" : element.matches("input") ? `input[value="${element.value}"]` : null;
  const steer = element.dataset.steer;
  htmx.ajax("POST", `/match/${answers.dataset.question}/rating`, {values: rating, target: "#answers", swap: "innerHTML"}).then(() => {
    // The focus stays with the track, wherever it stands now.
    const row = [...document.querySelectorAll("tr[data-result]")].find(each => each.querySelector(".titled").textContent === title);
    (steer ? document.querySelector(`[data-steer="${steer}"]`) : kind && row?.querySelector(`.rate ${kind}`))?.focus({preventScroll: true});
  });
}
document.addEventListener("change", ({target}) => {
  const cell = target.closest("[data-rate]");
  if (!cell) return;
  if (target.matches("select") && target.value) rate(target, [cell.dataset.rate], {word: target.value});
  else if (target.matches("input")) rate(target, [cell.dataset.rate], {stars: target.value});
});
document.addEventListener("click", ({target}) => {
  const button = target.closest("[data-steer]");
  if (!button) return;
  const shown = [...button.closest(".answers").querySelectorAll("[data-rate]")].map(cell => cell.dataset.rate);
  const first = shown.sort((a, b) => a.split("-")[1] - b.split("-")[1]).slice(0, 3);
  if (first.length) rate(button, first, {word: button.dataset.steer});
});
function given() {
  for (const answers of document.querySelectorAll(".answers[data-given]"))
    for (const [key, {stars, word}] of Object.entries(JSON.parse(answers.dataset.given))) {
      const cell = answers.querySelector(`[data-rate="${key}"]`);
      if (!cell) continue;
      if (stars) cell.querySelector(`input[value="${stars}"]`).checked = true;
      if (word && [...cell.querySelector("select").options].some(each => each.value === word)) cell.querySelector("select").value = word;
    }
  show();
}
document.addEventListener("htmx:after:swap", given);
given();

// Why: asked for in a dialog, which stays while the list is ranked anew.
document.addEventListener("submit", ({target}) => {
  if (!target.matches(".ask-why")) return;
  const waiting = document.createElement("p");
  waiting.className = "note";
  waiting.textContent = "Asking…";
  $("why-job").replaceChildren(waiting);
  $("why").showModal();
}, true);

// One sound at a time, whichever player it is in.
document.addEventListener("play", ({target}) => {
  for (const other of document.querySelectorAll("audio, video")) if (other !== target) other.pause();
}, true);

// Files: what was chosen is listed; where that is all a form needs, it is sent.
function list(drop) {
  const items = [...drop.querySelector("input").files].map(file => {
    const item = document.createElement("li");
    if (file.type.startsWith("image/") && !/heic|heif|tiff|svg/.test(file.type)) {
      const image = document.createElement("img");
      image.alt = "";
      image.src = URL.createObjectURL(file);
      image.onload = () => URL.revokeObjectURL(image.src);
      item.append(image);
    }
    item.append(file.name);
    return item;
  });
  drop.querySelector(".chosen").replaceChildren(...items);
}
document.addEventListener("change", ({target}) => {
  const drop = target.closest("[data-drop]");
  if (!drop) return;
  list(drop);
  if (target.form.dataset.auto === target.name && target.files.length) target.form.requestSubmit();
});
for (const [event, on] of [["dragover", true], ["dragleave", false], ["drop", false]])
  document.addEventListener(event, ({target}) => target.closest?.("[data-drop]")?.classList.toggle("over", on));
document.addEventListener("paste", event => {
  const input = document.querySelector("[data-drop] input");
  if (!input || !event.clipboardData.files.length) return;
  input.files = event.clipboardData.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
});

// Ranges: what they stand at is said beside them; or they uncover a picture.
document.addEventListener("input", ({target}) => {
  if (target.dataset.said) $(target.dataset.said).value = target.value;
  target.closest(".compare")?.style.setProperty("--at", `${target.value}%`);
});
