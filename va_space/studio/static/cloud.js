"use strict";
// Any number of points on the unit square: drawn by counting them in pixels, and found by a grid of cells.
const CELLS = 128; // along each side
const FEW = 4000; // points in view that are drawn as discs, one by one

class Cloud {
  // values: pairs of whole numbers (valence, arousal), 0 to steps. Here y grows downwards, as in the drawing.
  constructor(values, steps) {
    this.size = values.length / 2;
    this.x = new Float32Array(this.size);
    this.y = new Float32Array(this.size);
    const cell = new Uint16Array(this.size), counts = new Uint32Array(CELLS * CELLS + 1);
    for (let i = 0; i < this.size; i++) {
      this.x[i] = values[2 * i] / steps;
      this.y[i] = 1 - values[2 * i + 1] / steps;
      cell[i] = this.cell(this.y[i]) * CELLS + this.cell(this.x[i]);
      counts[cell[i] + 1]++;
    }
    for (let c = 0; c < CELLS * CELLS; c++) counts[c + 1] += counts[c];
    this.begin = counts.slice(); // where each cell's points begin among the sorted ones
    this.sorted = new Uint32Array(this.size);
    // Places in that order too: drawing then reads memory from one end to the other.
    this.sortedX = new Float32Array(this.size);
    this.sortedY = new Float32Array(this.size);
    for (let i = 0; i < this.size; i++) {
      const at = counts[cell[i]]++;
      this.sorted[at] = i;
      this.sortedX[at] = this.x[i];
      this.sortedY[at] = this.y[i];
    }
  }

  cell(value) { return Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS))); }

  // The cells that a rectangle touches, as [begin, end] among the sorted points, row by row.
  runs(left, top, right, bottom) {
    const first = this.cell(left), last = this.cell(right), found = [];
    for (let row = this.cell(top); row <= this.cell(bottom); row++) found.push([this.begin[row * CELLS + first], this.begin[row * CELLS + last + 1]]);
    return found;
  }

  // Calls back with each point in those cells.
  visit(left, top, right, bottom, callback) {
    for (const [begin, end] of this.runs(left, top, right, bottom))
      for (let at = begin; at < end; at++) callback(this.sorted[at]);
  }

  // The points nearest to a place, nearest first.
  nearest(x, y, count, farthest = 2) {
    for (let reach = 1 / CELLS; ; reach *= 2) {
      const within = Math.min(reach, farthest), found = [];
      this.visit(x - within, y - within, x + within, y + within, i => {
        const away = Math.hypot(this.x[i] - x, this.y[i] - y);
        if (away <= within) found.push([away, i]);
      });
      if (found.length >= count || within >= farthest) return found.sort((a, b) => a[0] - b[0]).slice(0, count).map(each => each[1]);
    }
  }

  // The points inside a closed line of [x, y].
  inside(line) {
    const found = [], xs = line.map(p => p[0]), ys = line.map(p => p[1]);
    this.visit(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), i => {
      let odd = false;
      for (let a = 0, b = line.length - 1; a < line.length; b = a++)
        if (ys[a] > this.y[i] !== ys[b] > this.y[i] && this.x[i] < (xs[b] - xs[a]) * (this.y[i] - ys[a]) / (ys[b] - ys[a]) + xs[a]) odd = !odd;
      if (odd) found.push(i);
    });
    return found;
  }
}

// Draws a cloud as densities into a picture of its own, which is as large as the canvas.
class Density {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
  }

  resize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height && this.image) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.counts = new Uint16Array(width * height);
  }

  // view: {x, y, span}, the middle and the width of what is seen; colour: [r, g, b].
  draw(cloud, view, width, height, colour) {
    this.resize(width, height);
    const {counts, pixels} = this, scale = width / view.span, half = view.span / 2;
    const left = view.x - half, top = view.y - half * height / width;
    counts.fill(0);
    const x = cloud.sortedX, y = cloud.sortedY, dot = Math.max(2, Math.round(width / 300));
    for (const [begin, end] of cloud.runs(left, top, left + view.span, top + height / scale))
      for (let i = begin; i < end; i++) {
        const column = (x[i] - left) * scale | 0, row = (y[i] - top) * scale | 0;
        if (column < 0 || row < 0 || column >= width - dot || row >= height - dot) continue;
        for (let r = row * width + column, last = r + dot * width; r < last; r += width)
          for (let c = r; c < r + dot; c++) counts[c]++;
      }
    if (this.colour !== colour.join()) {
      this.colour = colour.join();
      const [r, g, b] = colour;
      this.shades = new Uint32Array(256);
      for (let n = 1; n < 256; n++) this.shades[n] = (Math.min(255, 70 + 40 * Math.log2(n)) << 24 | b << 16 | g << 8 | r) >>> 0;
    }
    const shades = this.shades;
    for (let p = 0; p < counts.length; p++) pixels[p] = shades[counts[p] < 255 ? counts[p] : 255];
    this.context.putImageData(this.image, 0, 0);
  }
}
