"use strict";
const player = document.getElementById("player");
const buttons = [...document.querySelectorAll(".play")];
const marks = [...document.querySelectorAll(".track, .disc")];
const slides = [...document.querySelectorAll("[data-from]")];
let current = null; // the element that holds the sound's address
let queue = []; // buttons still to be played

function show() {
  const playing = !player.paused && !player.ended;
  for (const button of buttons) {
    const mine = button.dataset.sound === current?.id;
    const done = mine ? (player.currentTime - current.dataset.start) / current.dataset.length : 0;
    button.classList.toggle("playing", mine && playing);
    button.setAttribute("aria-label", (mine && playing ? "Pause " : "Play ") + button.dataset.title);
    button.style.setProperty("--share", Math.min(Math.max(done, 0), 1));
  }
  const now = player.currentTime;
  for (const slide of slides) slide.classList.toggle("playing", playing && now >= slide.dataset.from && now < slide.dataset.until);
  for (const mark of marks) mark.classList.toggle("playing", mark.dataset.sound === current?.id && playing);
}

function toggle(id) {
  queue = [];
  if (id === current?.id && !player.paused) player.pause();
  else play(id);
}

function play(id) {
  const button = buttons.find(each => each.dataset.sound === id);
  const sound = document.getElementById(id);
  const start = Number(sound.dataset.start), end = start + Number(sound.dataset.length);
  if (sound !== current) {
    current = sound;
    player.src = sound.textContent.trim();
    document.getElementById("now").textContent = button.dataset.title;
    document.getElementById("by").textContent = button.dataset.by;
    document.getElementById("bar").hidden = false;
  } else if (player.currentTime >= end - 0.1 || player.currentTime < start) {
    player.currentTime = start; // a link that names a passage holds the whole track
  }
  player.play().catch(() => {
    if (player.error) document.getElementById("by").textContent = "This browser cannot play this file.";
  });
}

function next() {
  const end = current ? Number(current.dataset.start) + Number(current.dataset.length) : 0;
  if (queue.length && (player.ended || player.currentTime >= end - 0.1)) play(queue.shift().dataset.sound);
}

for (const button of buttons) button.addEventListener("click", () => toggle(button.dataset.sound));
for (const mark of marks) if (mark.dataset.sound) mark.addEventListener("click", event => {
  event.preventDefault(); // it may lie in a link
  toggle(mark.dataset.sound);
});
for (const event of ["play", "pause", "ended", "timeupdate"]) player.addEventListener(event, show);
for (const event of ["pause", "ended"]) player.addEventListener(event, next);
document.getElementById("play-all")?.addEventListener("click", () => {
  queue = [...document.querySelectorAll(".results .play")];
  if (queue.length) play(queue.shift().dataset.sound);
});

const words = new Intl.Collator(undefined, {numeric: true});
function compare(a, b) {
  if ("value" in a.dataset) return a.dataset.value - b.dataset.value;
  const text = cell => (cell.querySelector(".titled") ?? cell).textContent;
  return words.compare(text(a), text(b));
}
for (const table of document.querySelectorAll(".sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  for (const [column, head] of heads.entries()) head.querySelector("button")?.addEventListener("click", () => {
    const opposite = {ascending: "descending", descending: "ascending"};
    const order = opposite[head.getAttribute("aria-sort")] ?? head.dataset.first;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows];
    table.tBodies[0].append(...rows.sort((a, b) => sign * compare(a.cells[column], b.cells[column])));
  });
}

for (const row of document.querySelectorAll("tr[data-result], li[data-result]")) {
  const disc = document.querySelector(`.disc[data-result="${row.dataset.result}"]`);
  if (!disc) continue;
  for (const event of ["pointerenter", "focusin"]) row.addEventListener(event, () => disc.classList.add("pointed"));
  for (const event of ["pointerleave", "focusout"]) row.addEventListener(event, () => disc.classList.remove("pointed"));
}
