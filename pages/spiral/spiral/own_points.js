// The browser side of own_points.py, which prepends own_points.css as the constant CSS. Streamlit calls the default
// export on every change of `data`, with the same parentElement for as long as the surface stays on the page.

const SPACING = 0.08; // between the points of a drag, in units of the plane
const REACH = 0.06; // of the eraser
const STEP = 0.05; // of an arrow key
const EVERY = 150; // ms between two messages of a drag: each begins a script run
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ERASE = -1;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const surfaces = new WeakMap();

export default function ownPoints({ parentElement, data, setStateValue }) {
  if (!surfaces.has(parentElement)) surfaces.set(parentElement, new Surface(parentElement));
  const surface = surfaces.get(parentElement);
  surface.update(data, (points) => setStateValue("points", points));
  return () => {
    // Streamlit also cleans up superseded calls while the surface is still on the page.
    if (parentElement.isConnected) return;
    surfaces.delete(parentElement);
    surface.end();
  };
}

class Surface {
  constructor(parent) {
    const root = parent.querySelector("#own_points");
    root.appendChild(document.createElement("style")).textContent = CSS;
    this.canvas = root.appendChild(document.createElement("canvas"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application"); // so that a screen reader leaves the arrow keys to it
    this.tools = root.appendChild(document.createElement("div"));
    this.tools.className = "tools";
    this.tools.setAttribute("role", "group");
    this.pens = this.tools.appendChild(document.createElement("span"));
    this.pens.style.display = "contents";
    this.buttons = { erase: () => this.choose(ERASE), undo: () => this.undo(), clear: () => this.change("") };
    for (const [name, act] of Object.entries(this.buttons)) this.buttons[name] = this.button(this.tools, act);
    this.status = this.tools.appendChild(document.createElement("span"));
    this.status.setAttribute("role", "status");
    this.pen = 0; // a class, or ERASE
    this.past = []; // the drawings before each stroke
    this.value = ""; // the drawing, as in a link
    this.sent = 0; // the n of the last message
    this.last = null; // the pen's place while it draws
    this.cross = null; // the place of the cross hair once a key was pressed
    const on = (name, handler) => this.canvas.addEventListener(name, handler);
    on("pointerdown", (event) => this.begin(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", () => this.finish());
    on("pointercancel", () => this.finish());
    on("keydown", (event) => this.key(event));
    on("blur", () => this.point(null));
    this.watch = new ResizeObserver(() => this.paint());
    this.watch.observe(this.canvas);
  }

  end() {
    this.watch.disconnect();
    clearTimeout(this.timer);
  }

  button(parent, act) {
    const button = parent.appendChild(document.createElement("button"));
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  update(data, send) {
    this.send = send;
    this.sent = data.epoch === this.data?.epoch ? Math.max(this.sent, data.seen) : data.seen;
    this.data = data;
    // Follow Python unless this answer is older than the last message.
    if (!this.last && !this.timer && data.seen >= this.sent && data.value !== this.value) {
      this.value = data.value;
      this.past = [];
    }
    if (this.pen >= data.classes.length) this.pen = 0;
    this.canvas.setAttribute("aria-label", data.words.surface);
    this.tools.setAttribute("aria-label", data.words.pen);
    for (const [name, button] of Object.entries(this.buttons)) button.textContent = data.words[name];
    while (this.pens.children.length > data.classes.length) this.pens.lastChild.remove();
    data.classes.forEach((name, pen) => {
      const button = this.pens.children[pen] ?? this.button(this.pens, () => this.choose(pen));
      const swatch = document.createElement("i");
      swatch.style.background = data.colours[pen];
      button.replaceChildren(swatch, name);
    });
    this.paint();
  }

  // Points: groups of characters, as dlcore/settings/points.py writes them

  code([x, y], label) {
    const { steps, characters } = this.data;
    const side = 2 * steps + 1;
    let number = (label * side + Math.round(x * steps) + steps) * side + Math.round(y * steps) + steps;
    let text = "";
    for (let i = 0; i < characters; i++, number = Math.floor(number / 64)) text = DIGITS[number % 64] + text;
    return text;
  }

  place(code) {
    const { steps } = this.data;
    const side = 2 * steps + 1;
    const number = [...code].reduce((sum, digit) => 64 * sum + DIGITS.indexOf(digit), 0);
    const rest = Math.floor(number / side);
    return [(rest % side) / steps - 1, (number % side) / steps - 1, Math.floor(rest / side)];
  }

  codes(value) {
    return value.match(new RegExp(`.{${this.data.characters}}`, "g")) ?? [];
  }

  // Input

  at(event) {
    const { half } = this.data;
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 2 * half - half;
    const y = half - ((event.clientY - box.top) / box.height) * 2 * half;
    return [within(x), within(y)];
  }

  begin(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.before = this.value;
    this.point(null);
    this.draw(this.at(event));
  }

  move(event) {
    if (!this.last) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = this.at(one);
      if (this.pen === ERASE || distance(next, this.last) >= SPACING) this.draw(next);
    }
  }

  finish() {
    if (!this.last) return;
    this.last = null;
    if (this.value !== this.before) this.past.push(this.before);
    if (this.timer) this.say();
    this.paint();
  }

  key(event) {
    const [right, up] = ARROWS[event.key] ?? [0, 0];
    const number = /^[0-9]$/.test(event.key) ? Number(event.key) : NaN;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (right || up) {
      const step = event.shiftKey ? 1 / this.data.steps : STEP;
      const [x, y] = this.cross ?? [0, 0];
      this.point(this.cross ? [within(x + right * step), within(y + up * step)] : [0, 0]);
    } else if (event.key === "Enter" || event.key === " ") {
      this.begun();
    } else if (event.key === "Backspace") {
      this.undo();
    } else if (number < this.data.classes.length) {
      this.choose(number);
    } else {
      return;
    }
    event.preventDefault();
  }

  begun() {
    this.before = this.value;
    this.point(this.cross ?? [0, 0]);
    this.draw(this.cross);
    this.finish();
  }

  choose(pen) {
    this.pen = pen;
    this.paint();
  }

  undo() {
    if (!this.past.length) return;
    this.value = this.past.pop();
    this.say();
  }

  change(value) {
    if (value === this.value) return;
    this.past.push(this.value);
    this.value = value;
    this.say();
  }

  draw(place) {
    this.last = place;
    const codes = this.codes(this.value);
    const added = this.code(place, Math.max(this.pen, 0));
    if (this.pen === ERASE) this.value = codes.filter((code) => distance(this.place(code), place) > REACH).join("");
    else if (codes.length < this.data.max && !codes.includes(added)) this.value += added;
    else return;
    if (!this.timer) this.timer = setTimeout(() => this.say(), EVERY);
    this.paint();
  }

  say() {
    clearTimeout(this.timer);
    this.timer = null;
    // The clock keeps n growing when the surface is created again before the answers arrive.
    this.sent = Math.max(this.sent + 1, Date.now());
    this.send({ epoch: this.data.epoch, n: this.sent, value: this.value });
    this.paint();
  }

  // Output: the server paints the points; here are those that are on their way to it, and the cross hair

  point(cross) {
    this.cross = cross;
    this.paint();
  }

  paint() {
    const { data, canvas } = this;
    if (!data) return;
    const count = this.codes(this.value).length;
    const place = this.cross ? `x₁ ${written(this.cross[0])}, x₂ ${written(this.cross[1])} · ` : "";
    const told = place + data.words.count.replace("#", count);
    if (this.status.textContent !== told) this.status.textContent = told;
    [...this.pens.children].forEach((button, pen) => button.setAttribute("aria-pressed", this.pen === pen));
    this.buttons.erase.setAttribute("aria-pressed", this.pen === ERASE);
    this.buttons.undo.disabled = !this.past.length;
    this.buttons.clear.disabled = !count;
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, size, size);
    const pixel = ([x, y]) => [((x + data.half) / (2 * data.half)) * size, ((data.half - y) / (2 * data.half)) * size];
    const known = new Set(this.codes(data.value));
    for (const code of this.codes(this.value)) {
      if (known.has(code)) continue;
      const [x, y, label] = this.place(code);
      pen.beginPath();
      pen.arc(...pixel([x, y]), 0.011 * size, 0, 2 * Math.PI);
      pen.fillStyle = data.colours[label];
      pen.fill();
    }
    if (!this.cross) return;
    const [x, y] = pixel(this.cross).map((at) => Math.round(at) + 0.5);
    const gap = 0.02 * size;
    for (const [width, colour] of [[3, "#fff"], [1, "#000"]]) {
      pen.lineWidth = width * devicePixelRatio;
      pen.strokeStyle = colour;
      pen.beginPath();
      for (const [at, to] of [[-size, -gap], [gap, size]]) {
        pen.moveTo(x + at, y); // open in the middle, where the point is
        pen.lineTo(x + to, y);
        pen.moveTo(x, y + at);
        pen.lineTo(x, y + to);
      }
      pen.stroke();
    }
  }
}

function within(x) {
  return Math.min(1, Math.max(-1, x));
}

function distance([x, y], [toX, toY]) {
  return Math.hypot(toX - x, toY - y);
}

function written(x) {
  return (x + 0).toFixed(2).replace("-0.00", "0.00").replace("-", "−");
}
