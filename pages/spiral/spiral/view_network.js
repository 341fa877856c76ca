// The browser side of view_network.py, which prepends view_network.css as the constant CSS. Streamlit calls the default
// export on every change of `data`; while a run plays, carriers hand further pictures to FRAMES.

const FRAMES = Symbol.for("spiral.network");
const TOP = 22; // pixels above the maps, for the names of the columns
const BOTTOM = 40; // and below, for the scale and the button of further units
const SIDE = 52; // from the left to the middle of the first column, for the names of features and classes
const LARGEST = 40; // side of a map
const NEAR = 5; // pixels from a line at which it is pointed at
const LISTED = 5; // weights of a unit that are named, the largest ones

const diagrams = new Map();
globalThis[FRAMES] = (picture) => diagrams.forEach((diagram) => diagram.show(picture));

export default function network({ parentElement, data, setStateValue }) {
  if (!diagrams.has(parentElement)) diagrams.set(parentElement, new Diagram(parentElement));
  const diagram = diagrams.get(parentElement);
  diagram.update(data, (pick) => setStateValue("pick", pick));
  return () => {
    // Streamlit also cleans up superseded calls while the diagram is still on the page.
    if (parentElement.isConnected) return;
    diagrams.delete(parentElement);
    diagram.remove();
  };
}

class Diagram {
  constructor(parent) {
    const root = parent.querySelector("#view_network");
    root.appendChild(document.createElement("style")).textContent = CSS;
    this.stage = make("div", "stage", root);
    this.canvas = make("canvas", "", this.stage);
    this.canvas.setAttribute("aria-hidden", "true");
    this.told = make("div", "told", root);
    this.large = make("canvas", "", document.body); // over the region: a unit's map
    Object.assign(this.large.style, { position: "fixed", display: "none", pointerEvents: "none", zIndex: 1 });
    this.buttons = [];
    this.sent = 0;
    this.stop = new AbortController();
    const on = (target, name, handler) => target.addEventListener(name, handler, { signal: this.stop.signal });
    on(this.stage, "pointermove", (event) => this.point(event));
    on(this.stage, "pointerleave", () => this.look(null));
    on(window, "scroll", () => this.hideLarge());
    document.addEventListener("scroll", () => this.hideLarge(), { capture: true, signal: this.stop.signal });
    this.watch = new ResizeObserver(() => this.place());
    this.watch.observe(this.stage);
  }

  remove() {
    this.stop.abort();
    this.watch.disconnect();
    this.large.remove();
  }

  // Data from Python

  update(data, send) {
    this.send = send;
    this.sent = data.epoch === this.data?.epoch ? Math.max(this.sent, data.seen) : data.seen;
    const layout = JSON.stringify(data.columns);
    const changed = layout !== this.layout;
    this.stage.classList.toggle("chosen", data.selected !== null);
    this.data = data;
    this.layout = layout;
    if (changed) this.build();
    for (const { button, column, row } of this.buttons) {
      const chosen = same(data.selected, [column, row]);
      if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", chosen);
    }
    this.show(data.picture);
  }

  // Take over a picture. The one before stays until the maps are decoded.
  async show(picture) {
    const weights = this.matrices(picture.weights);
    if (!weights) return; // of a network of another shape: an older run's
    this.newest = picture;
    const maps = await decode(picture.maps);
    if (this.newest !== picture) return;
    Object.assign(this, { maps, weights, scales: picture.scales });
    this.draw();
  }

  // The weights of each layer, a list for each shown unit; the last number of a list is the bias.
  matrices(text) {
    const numbers = halves(text);
    const columns = this.data.columns.map((column) => column.units.length);
    let at = 0;
    const all = columns.slice(1).map((rows, i) =>
      Array.from({ length: rows }, () => numbers.slice(at, (at += columns[i] + 1))),
    );
    return at === numbers.length ? all : null;
  }

  // Elements

  build() {
    for (const { button } of this.buttons) button.remove();
    this.buttons = [];
    this.data.columns.forEach((column, i) => {
      column.units.forEach((unit, row) => {
        const button = this.button(i, row, unit.name);
        if (column.layer === null) return;
        if (unit.marks) button.setAttribute("aria-description", unit.marks);
        button.setAttribute("aria-pressed", "false");
        button.addEventListener("click", () => this.say({ unit: [column.layer, unit.index] }));
      });
      if (!column.more) return;
      const button = this.button(i, null, column.more_name);
      button.className = "more";
      button.textContent = column.more;
      button.addEventListener("click", () => this.say({ page: [column.layer, column.next] }));
    });
    this.place();
  }

  button(column, row, name) {
    const button = make("button", "", this.stage);
    button.type = "button";
    button.setAttribute("aria-label", name);
    if (row !== null) {
      for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => this.look({ column, row }));
      button.addEventListener("blur", () => this.look(null));
    }
    this.buttons.push({ button, column, row });
    return button;
  }

  say(value) {
    // The clock keeps n growing when the diagram is created again before the answers arrive.
    this.sent = Math.max(this.sent + 1, Date.now());
    this.send({ epoch: this.data.epoch, n: this.sent, value });
  }

  // Layout: columns from left to right, each centred

  place() {
    if (!this.data || !this.stage.clientWidth) return; // not laid out yet: the observer calls again
    const { clientWidth: width, clientHeight: height } = this.stage;
    const columns = this.data.columns;
    const across = (width - 2 * SIDE) / (columns.length - 1);
    const most = Math.max(...columns.map((column) => column.units.length));
    const down = Math.min(LARGEST + 8, (height - TOP - BOTTOM) / most);
    this.side = Math.min(LARGEST, down - 3, across * 0.6);
    this.centre = (column, row) => [
      SIDE + across * column,
      TOP + (height - TOP - BOTTOM) / 2 + down * (row - (columns[column].units.length - 1) / 2),
    ];
    for (const { button, column, row } of this.buttons) {
      const [x, y] = this.centre(column, row ?? 0);
      const box = row === null ? { left: x, top: height - 20 } : { left: x - this.side / 2, top: y - this.side / 2 };
      for (const [name, value] of Object.entries(box)) button.style[name] = `${value}px`;
      if (row !== null) button.style.width = button.style.height = `${this.side}px`;
    }
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    this.pen = this.canvas.getContext("2d");
    this.pen.scale(scale, scale);
    this.draw();
  }

  // Pointing

  // Every line between two shown units: the column and row it ends at, the row it begins at, and its weight.
  *lines() {
    for (let column = 1; column <= this.weights.length; column++) {
      for (const [row, inputs] of this.weights[column - 1].entries()) {
        for (let from = 0; from < inputs.length - 1; from++) yield { column, row, from, weight: inputs[from] };
      }
    }
  }

  ends({ column, row, from }) {
    const [x, y] = this.centre(column - 1, from);
    const [toX, toY] = this.centre(column, row);
    return [x + this.side / 2, y, toX - this.side / 2, toY];
  }

  point(event) {
    if (!this.weights || event.target !== this.canvas) return;
    const box = this.canvas.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    let nearest = null;
    let least = NEAR;
    for (const line of this.lines()) {
      const distance = fromSegment(at, this.ends(line));
      if (distance < least) [nearest, least] = [line, distance];
    }
    this.look(nearest);
  }

  // Show what a unit or a line is: the whole unit of a line without `from`.
  look(at) {
    if (same(at, this.at)) return;
    this.at = at;
    this.draw();
  }

  // Output

  draw() {
    const { pen, data } = this;
    if (!pen || !this.maps) return;
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.drawLines();
    const text = getComputedStyle(this.stage).color;
    const units = data.columns.flatMap((column, i) => column.units.map((unit, row) => ({ unit, i, row })));
    pen.imageSmoothingEnabled = true;
    units.forEach(({ unit, i, row }, place) => {
      const [x, y] = this.centre(i, row);
      const [left, top] = [x - this.side / 2, y - this.side / 2];
      const cells = this.maps.height;
      pen.globalAlpha = unit.off ? 0.25 : 1;
      pen.drawImage(this.maps, place * cells, 0, cells, cells, left, top, this.side, this.side);
      pen.globalAlpha = 1;
      pen.strokeStyle = "#8a8f98";
      pen.strokeRect(left, top, this.side, this.side);
      if (i) this.drawBias(this.weights[i - 1], row, left, top + this.side);
      if (unit.off) this.cross(left, top);
      pen.fillStyle = text;
      pen.textBaseline = "middle";
      if (unit.label) {
        pen.textAlign = i ? "left" : "right";
        pen.font = "13px sans-serif";
        pen.fillText(unit.label, i ? left + this.side + 5 : left - 5, y);
      }
      if (unit.mark) {
        pen.textAlign = "center";
        pen.font = "bold 13px sans-serif";
        pen.fillText(unit.mark, left + this.side, top + 3);
      }
    });
    pen.fillStyle = text;
    pen.textAlign = "center";
    pen.font = "13px sans-serif";
    data.columns.forEach((column, i) => {
      const [x] = this.centre(i, 0);
      pen.fillText(column.title, x, 9);
      pen.fillText(this.scales[i], x, this.stage.clientHeight - BOTTOM + 10);
    });
    this.tell();
  }

  drawLines() {
    const { pen, at, data } = this;
    const largest = this.weights.map((layer) => Math.max(1e-9, ...layer.flatMap((w) => w.slice(0, -1).map(Math.abs))));
    const drawn = [...this.lines()].sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
    for (const line of drawn) {
      const share = Math.abs(line.weight) / largest[line.column - 1];
      const of = !at
        || (at.from === undefined && at.column === line.column && at.row === line.row)
        || (at.from === undefined && at.column === line.column - 1 && at.row === line.from)
        || same(at, line);
      if (!(share > 0.02) && !(at && of)) continue;
      const [x, y, toX, toY] = this.ends(line);
      pen.globalAlpha = of ? (at ? 0.95 : 0.2 + 0.7 * share) : 0.06;
      pen.strokeStyle = line.weight > 0 ? data.colours.positive : data.colours.negative;
      pen.lineWidth = 0.5 + 3.5 * share;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(toX, toY);
      pen.stroke();
    }
    pen.globalAlpha = 1;
    pen.lineWidth = 1;
  }

  // A bias is a disc at the lower left corner; its area is its size.
  drawBias(layer, row, x, y) {
    const biases = layer.map((weights) => weights.at(-1));
    const largest = Math.max(1e-9, ...biases.map(Math.abs));
    this.pen.fillStyle = biases[row] > 0 ? this.data.colours.positive : this.data.colours.negative;
    this.pen.beginPath();
    this.pen.arc(x, y, 4.5 * Math.sqrt(Math.abs(biases[row]) / largest), 0, 7);
    this.pen.fill();
  }

  cross(left, top) {
    this.pen.beginPath();
    this.pen.moveTo(left, top);
    this.pen.lineTo(left + this.side, top + this.side);
    this.pen.moveTo(left + this.side, top);
    this.pen.lineTo(left, top + this.side);
    this.pen.stroke();
  }

  // Say in words what is pointed at, and show a unit's map in place of the region.
  tell() {
    const { at, data, weights } = this;
    this.hideLarge();
    if (!at) return void (this.told.textContent = data.hint);
    const column = data.columns[at.column];
    const unit = column.units[at.row];
    if (at.from !== undefined) {
      const from = data.columns[at.column - 1].units[at.from];
      this.told.textContent = `${from.name} → ${unit.name}: ${number(at.weight)}`;
      return;
    }
    const parts = unit.marks ? [unit.name, unit.marks] : [unit.name];
    if (at.column) {
      const inputs = weights[at.column - 1][at.row];
      const before = data.columns[at.column - 1].units;
      parts.push(`${data.words.bias} ${number(inputs.at(-1))}`);
      parts.push(`${data.words.inputs} ${list(before.map((one, i) => [one.short, inputs[i]]))}`);
    }
    if (at.column < weights.length) {
      const after = data.columns[at.column + 1].units;
      parts.push(`${data.words.outputs} ${list(after.map((one, i) => [one.short, weights[at.column][i][at.row]]))}`);
    }
    this.told.textContent = parts.join(" · ");
    this.showLarge();
  }

  hideLarge() {
    this.large.style.display = "none";
  }

  showLarge() {
    const region = document.querySelector(".st-key-region img");
    const { at, data, large } = this;
    if (!region) return;
    const box = region.getBoundingClientRect();
    large.width = large.height = Math.round(box.width);
    Object.assign(large.style, { display: "block", left: `${box.left}px`, top: `${box.top}px` });
    const pen = large.getContext("2d");
    const cells = this.maps.height;
    const place = data.columns.slice(0, at.column).reduce((sum, column) => sum + column.units.length, 0) + at.row;
    const small = document.createElement("canvas"); // alone, so that no neighbour shines in at the edges
    small.width = small.height = cells;
    small.getContext("2d").drawImage(this.maps, -place * cells, 0);
    pen.globalAlpha = 0.82; // the points show through
    pen.drawImage(small, 0, 0, large.width, large.height);
    pen.globalAlpha = 1;
    if (data.folds && at.column === 1) this.fold(pen, large.width, this.weights[0][at.row]);
  }

  // The line on which a first-layer unit turns on: w₁x₁ + w₂x₂ + b = 0.
  fold(pen, side, [w1, w2, bias]) {
    const size = Math.hypot(w1, w2);
    if (!size) return;
    const { half } = this.data;
    const pixels = (x1, x2) => [(x1 / half + 1) * (side / 2), (1 - x2 / half) * (side / 2)];
    const [x, y] = [(-bias * w1) / size ** 2, (-bias * w2) / size ** 2]; // of the line, nearest to 0
    const reach = (4 * half) / size;
    pen.strokeStyle = getComputedStyle(this.stage).color;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(...pixels(x - w2 * reach, y + w1 * reach));
    pen.lineTo(...pixels(x + w2 * reach, y - w1 * reach));
    pen.stroke();
  }
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const number = (value) => Number(value.toPrecision(3)).toString().replace("-", "\u2212");

function list(pairs) {
  const sorted = [...pairs].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const named = sorted.slice(0, LISTED).map(([name, weight]) => `${name} ${number(weight)}`);
  return named.join(", ") + (pairs.length > LISTED ? ", …" : "");
}

function make(tag, className, parent) {
  const element = parent.appendChild(document.createElement(tag));
  element.className = className;
  return element;
}

function fromSegment([px, py], [x, y, toX, toY]) {
  const [dx, dy] = [toX - x, toY - y];
  const share = Math.min(1, Math.max(0, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - x - share * dx, py - y - share * dy);
}

async function decode(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

// The numbers of a base64 text of IEEE 754 half-precision numbers.
function halves(text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return Array.from(new Uint16Array(bytes.buffer), (bits) => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  });
}
