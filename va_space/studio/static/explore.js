"use strict";
// The plane of a library: zoom, lasso, and what is under the cursor plays.
const canvas = $("plane"), tip = $("tip"), near = $("near"), counted = $("counted"), lassoButton = $("lasso");
const chooser = () => document.querySelector(".explore select[name=library]"); // another one, once there is another library
const STEPS = Number(document.querySelector(".explore").dataset.steps);
const HINTS = document.querySelector(".explore").dataset.hints.split("|");
const WHOLE = {x: 0.5, y: 0.5, span: 1.16}, CLOSEST = 0.002, REACH = 14, SHOWN = 50, DWELL = 250;
const context = canvas.getContext("2d"), density = new Density();
const plane = {library: "", cloud: new Cloud(new Uint16Array(0), STEPS), version: "", view: {...WHOLE}, entries: new Map(), chosen: null, line: null, pointed: null};
let dirty = false, settling = 0, dwelling = 0;

function colours() {
  const style = getComputedStyle(document.documentElement), named = name => style.getPropertyValue(`--${name}`).trim();
  const ink = named("ink").match(/[0-9a-f]{2}/gi).map(part => parseInt(part, 16));
  return {named, ink};
}
let palette = colours();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { palette = colours(); redraw(); });

const across = x => (x - plane.view.x) / plane.view.span * canvas.width + canvas.width / 2;
const down = y => (y - plane.view.y) / plane.view.span * canvas.width + canvas.height / 2;
function place(event) {
  const box = canvas.getBoundingClientRect();
  return [plane.view.x + ((event.clientX - box.left) / box.width - 0.5) * plane.view.span,
    plane.view.y + ((event.clientY - box.top) / box.height - 0.5) * plane.view.span * box.height / box.width];
}

function frame() {
  const {named} = palette, [left, right, top, bottom] = [across(0), across(1), down(0), down(1)];
  const middle = [(left + right) / 2, (top + bottom) / 2], unit = canvas.width / canvas.clientWidth;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.globalAlpha = Number(named("tint"));
  for (const [colour, x, y] of [["tension", left, top], ["joy", middle[0], top], ["gloom", left, middle[1]], ["calm", middle[0], middle[1]]]) {
    context.fillStyle = named(colour);
    context.fillRect(x, y, (right - left) / 2, (bottom - top) / 2);
  }
  context.globalAlpha = 1;
  context.strokeStyle = named("soft");
  context.setLineDash([2 * unit, 5 * unit]);
  context.beginPath();
  context.moveTo(middle[0], top); context.lineTo(middle[0], bottom);
  context.moveTo(left, middle[1]); context.lineTo(right, middle[1]);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = named("soft");
  context.font = `italic ${16 * unit}px ${named("serif")}`;
  for (const [number, hint] of HINTS.entries()) { // in the corners that are in view
    const east = number % 2, south = number > 1;
    context.textAlign = east ? "right" : "left";
    context.fillText(hint, east ? Math.min(right, canvas.width) - 14 * unit : Math.max(left, 34 * unit) + 14 * unit, south ? Math.min(bottom, canvas.height - 24 * unit) - 14 * unit : Math.max(top, 0) + 28 * unit);
  }
  context.font = `${13 * unit}px system-ui, sans-serif`;
  const step = [0.25, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005].find(each => plane.view.span / each >= 4) ?? 0.0005;
  for (let tick = 0; tick <= 1 + 1e-9; tick += step) {
    const text = String(Math.round(tick * 1e4) / 1e4), x = across(tick), y = down(1 - tick);
    context.textAlign = "center";
    if (x > 30 * unit && x < canvas.width - 20 * unit) context.fillText(text, x, canvas.height - 8 * unit);
    context.textAlign = "left";
    if (y > 20 * unit && y < canvas.height - 30 * unit) context.fillText(text, 6 * unit, y + 4 * unit);
  }
}

function dots() {
  const {cloud, view} = plane, {width, height} = canvas, half = view.span / 2, tall = half * height / width;
  const box = [view.x - half, view.y - tall, view.x + half, view.y + tall];
  const few = cloud.runs(...box).reduce((sum, [begin, end]) => sum + end - begin, 0);
  if (few > FEW) {
    density.draw(cloud, view, width, height, palette.ink);
    context.drawImage(density.canvas, 0, 0);
  } else {
    const radius = Math.max(3, Math.min(7, 160 / Math.sqrt(few + 1))) * width / canvas.clientWidth;
    context.fillStyle = palette.named("ink");
    context.globalAlpha = 0.5;
    context.beginPath();
    cloud.visit(...box, i => {
      const x = across(cloud.x[i]), y = down(cloud.y[i]);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 7);
    });
    context.fill();
    context.globalAlpha = 1;
  }
}

function marks() {
  const {cloud} = plane, unit = canvas.width / canvas.clientWidth;
  context.fillStyle = context.strokeStyle = palette.named("accent");
  if (plane.chosen) {
    context.beginPath();
    const radius = (plane.chosen.length < FEW / 10 ? 4.5 : 1.7) * unit;
    for (const i of plane.chosen) {
      const x = across(cloud.x[i]), y = down(cloud.y[i]);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 7);
    }
    context.fill();
  }
  if (plane.line) {
    context.lineWidth = 2 * unit;
    context.beginPath();
    for (const [x, y] of plane.line) context.lineTo(across(x), down(y));
    context.closePath();
    context.stroke();
    context.lineWidth = 1;
  }
  if (plane.pointed !== null) {
    context.beginPath();
    context.arc(across(cloud.x[plane.pointed]), down(cloud.y[plane.pointed]), 7 * unit, 0, 7);
    context.fill();
  }
  if (document.activeElement === canvas && canvas.matches(":focus-visible")) {
    const [x, y, arm] = [canvas.width / 2, canvas.height / 2, 9 * unit];
    context.beginPath();
    context.moveTo(x - arm, y); context.lineTo(x + arm, y);
    context.moveTo(x, y - arm); context.lineTo(x, y + arm);
    context.stroke();
  }
}

function draw() { frame(); dots(); marks(); }
function redraw() {
  if (dirty) return;
  dirty = true;
  requestAnimationFrame(() => { dirty = false; draw(); });
}
new ResizeObserver(() => {
  const ratio = Math.min(devicePixelRatio, 2);
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  draw();
}).observe(canvas);

// What points are: asked of the server, each once.
async function entries(numbers) {
  const missing = numbers.filter(number => !plane.entries.has(number)), {version} = plane;
  if (missing.length) {
    const answer = await fetch(`/api/libraries/${encodeURIComponent(plane.library)}/entries`, {method: "POST",
      headers: {"Content-Type": "application/json"}, body: JSON.stringify({version, numbers: missing})});
    if (answer.status === 409) return load().then(() => []);
    if (!answer.ok || version !== plane.version) return [];
    for (const entry of await answer.json()) plane.entries.set(entry.number, entry);
  }
  return numbers.map(number => plane.entries.get(number)).filter(Boolean);
}
function sound({number, title, artist, sound, start, length}) {
  return sound && {id: `entry-${number}`, url: sound, start, length, title, by: artist};
}
const ofEntries = sounds.get;
sounds.get = id => id.startsWith("entry-") ? sound(plane.entries.get(Number(id.slice(6))) ?? {}) : ofEntries(id);

async function list() {
  const title = $("near-title"), {chosen} = plane;
  const numbers = chosen ? chosen.slice(0, SHOWN) : plane.cloud.nearest(plane.view.x, plane.view.y, 8);
  const found = await entries(numbers);
  title.textContent = chosen ? `In the lasso: ${chosen.length.toLocaleString("en")}${chosen.length > SHOWN ? `, of which the first ${SHOWN}` : ""}` : "Near the middle";
  near.replaceChildren(...found.map(entry => {
    const item = $("near-item").content.cloneNode(true), button = item.querySelector("button");
    item.querySelector(".title").textContent = entry.title;
    item.querySelector(".by").textContent = entry.artist;
    button.dataset.sound = `entry-${entry.number}`;
    button.dataset.title = entry.title;
    button.setAttribute("aria-label", `Play ${entry.title}`);
    button.hidden = !entry.sound;
    if (entry.picture) {
      const image = document.createElement("img");
      image.alt = "";
      image.src = entry.picture;
      item.querySelector("li").prepend(image);
    }
    return item;
  }));
  $("play-near").hidden = !found.some(entry => entry.sound);
  show();
}
function settled() {
  clearTimeout(settling);
  settling = setTimeout(list, 250);
}
$("play-near").addEventListener("click", () => {
  queue = [...near.querySelectorAll(".play:not([hidden])")].map(button => sounds.get(button.dataset.sound));
  if (queue.length) play(queue.shift());
});

async function load() {
  const library = plane.library = chooser().value;
  if (!library) { counted.textContent = "Here it appears as soon as it is indexed."; return; }
  counted.textContent = "Loading…";
  const answer = await fetch(`/api/libraries/${encodeURIComponent(library)}/points`);
  if (library !== plane.library) return; // another one was chosen meanwhile
  if (!answer.ok) { counted.textContent = "The library cannot be read."; return; }
  const values = new Uint16Array(await answer.arrayBuffer());
  Object.assign(plane, {cloud: new Cloud(values, STEPS), version: answer.headers.get("X-Version"), entries: new Map(), chosen: null, line: null, pointed: null, view: {...WHOLE}});
  counted.textContent = `${plane.cloud.size.toLocaleString("en")} entries`;
  redraw();
  list();
}

function zoom(factor, [x, y] = [plane.view.x, plane.view.y]) {
  const span = Math.min(WHOLE.span, Math.max(CLOSEST, plane.view.span * factor)), share = span / plane.view.span;
  plane.view = {span, x: x + (plane.view.x - x) * share, y: y + (plane.view.y - y) * share};
  moved();
}
function move(x, y) { plane.view = {...plane.view, x: plane.view.x + x, y: plane.view.y + y}; moved(); }
function moved() {
  const half = plane.view.span / 2, held = value => Math.min(Math.max(value, Math.min(0.5, half) - 0.08), Math.max(0.5, 1 - half) + 0.08);
  plane.view.x = held(plane.view.x);
  plane.view.y = held(plane.view.y);
  redraw();
  settled();
}

async function point(event, now) {
  const [x, y] = place(event), reach = REACH * plane.view.span / canvas.clientWidth;
  const [found = null] = plane.cloud.nearest(x, y, 1, reach);
  if (found === plane.pointed && !now) return;
  plane.pointed = found;
  tip.hidden = true;
  clearTimeout(dwelling);
  redraw();
  if (found === null) return;
  const [entry] = await entries([found]);
  if (!entry || plane.pointed !== found) return;
  tip.textContent = entry.artist ? `${entry.title} · ${entry.artist}` : entry.title;
  if (entry.picture) {
    const image = document.createElement("img");
    image.alt = "";
    image.src = entry.picture;
    tip.prepend(image);
  }
  const share = Math.min(1, Math.max(0, across(plane.cloud.x[found]) / canvas.width));
  tip.style.left = `${share * 100}%`;
  tip.style.setProperty("--share", share);
  tip.style.top = `${down(plane.cloud.y[found]) / canvas.height * 100}%`;
  tip.hidden = false;
  if (!entry.sound) return;
  queue = [];
  if (now) play(sound(entry));
  else if ($("hover").checked) dwelling = setTimeout(() => plane.pointed === found && play(sound(entry)), DWELL);
}

const pointers = new Map(); // those that are down, by id
let travelled = 0;
canvas.addEventListener("pointerdown", event => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
  travelled = 0;
  if (lassoButton.ariaPressed === "true" && pointers.size === 1) plane.line = [place(event)];
});
canvas.addEventListener("pointermove", event => {
  const before = pointers.get(event.pointerId);
  if (!before) { point(event, false); return; }
  const [[x0, y0], [x1, y1]] = [place(before), place(event)];
  travelled += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
  if (plane.line) {
    plane.line.push([x1, y1]);
    redraw();
  } else if (pointers.size === 2) {
    const other = [...pointers.values()].find(each => each.pointerId !== event.pointerId);
    const apart = each => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
    zoom(apart(before) / Math.max(1, apart(event)), place(other));
  } else move(x0 - x1, y0 - y1);
  pointers.set(event.pointerId, event);
});
canvas.addEventListener("pointerup", event => {
  pointers.delete(event.pointerId);
  if (plane.line?.length > 2) {
    plane.chosen = plane.cloud.inside(plane.line);
    list();
  } else if (travelled < 6) point(event, true);
  plane.line = null;
  redraw();
});
canvas.addEventListener("pointercancel", event => { pointers.delete(event.pointerId); plane.line = null; redraw(); });
canvas.addEventListener("pointerleave", () => { plane.pointed = null; tip.hidden = true; clearTimeout(dwelling); redraw(); });
canvas.addEventListener("wheel", event => { event.preventDefault(); zoom(Math.exp(Math.sign(event.deltaY) * Math.min(0.5, Math.abs(event.deltaY) / 400)), place(event)); }, {passive: false});
for (const event of ["focus", "blur"]) canvas.addEventListener(event, redraw);
canvas.addEventListener("keydown", event => {
  const step = plane.view.span / 10;
  const keys = {ArrowLeft: () => move(-step, 0), ArrowRight: () => move(step, 0), ArrowUp: () => move(0, -step), ArrowDown: () => move(0, step),
    "+": () => zoom(0.8), "=": () => zoom(0.8), "-": () => zoom(1.25), 0: () => zoom(1e3), Escape: clear,
    Enter: async () => { const [entry] = await entries(plane.cloud.nearest(plane.view.x, plane.view.y, 1)); if (entry?.sound) toggle(sound(entry)); }};
  if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keys[event.key]();
});
function clear() { plane.chosen = plane.line = null; redraw(); list(); }
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => button.dataset.zoom === "all" ? (plane.view = {...WHOLE}, clear()) : zoom(button.dataset.zoom === "in" ? 0.7 : 1.4));
lassoButton.addEventListener("click", () => {
  lassoButton.ariaPressed = String(lassoButton.ariaPressed !== "true");
  canvas.classList.toggle("drawing", lassoButton.ariaPressed === "true");
});
document.addEventListener("change", ({target}) => { if (target === chooser()) load(); });
document.addEventListener("htmx:after:swap", () => { if (chooser().value !== plane.library) load(); });
load();
