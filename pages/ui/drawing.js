// The browser side of drawing.py, which prepends drawing.css as the constant CSS. Streamlit calls the default
// export on every change of `data`, with the same parentElement for as long as the square stays on the page.

const PIXELS = 8; // per side of a cell
const squares = new WeakMap();

export default function drawing({ parentElement, data, setStateValue }) {
  if (!squares.has(parentElement)) squares.set(parentElement, new Square(parentElement));
  const square = squares.get(parentElement);
  square.update(data, (stroke) => setStateValue("stroke", stroke));
  return () => {
    // Streamlit also cleans up superseded calls while the square is still on the page.
    if (parentElement.isConnected) return;
    squares.delete(parentElement);
    square.stop.abort();
  };
}

class Square {
  constructor(parent) {
    const root = parent.querySelector("#drawing");
    const make = (name) => root.appendChild(document.createElement(name));
    make("style").textContent = CSS;
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.clear = make("button");
    this.clear.type = "button";
    this.sent = 0; // the n of the last stroke sent
    this.last = null; // position of the pen while it draws
    this.stop = new AbortController();
    const on = (target, name, handler) => target.addEventListener(name, handler, { signal: this.stop.signal });
    on(this.canvas, "pointerdown", (event) => this.begin(event));
    on(this.canvas, "pointermove", (event) => this.move(event));
    on(this.canvas, "pointerup", () => this.end());
    on(this.canvas, "pointercancel", () => this.end());
    on(this.clear, "click", () => this.erase());
  }

  update(data, send) {
    this.send = send;
    this.canvas.setAttribute("aria-label", data.label);
    this.clear.textContent = data.clear;
    if (data.size !== this.data?.size) {
      this.canvas.width = this.canvas.height = data.size * PIXELS;
      this.value = undefined;
    }
    this.sent = data.epoch === this.data?.epoch ? Math.max(this.sent, data.seen) : data.seen;
    this.data = data;
    // Follow Python unless this answer is older than the last stroke.
    if (this.last || data.seen < this.sent || data.value === this.value) return;
    this.paint(data.value);
  }

  // Input

  begin(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.at(event);
    this.line(this.last, this.last);
  }

  move(event) {
    if (!this.last) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = this.at(one);
      this.line(this.last, next);
      this.last = next;
    }
  }

  end() {
    if (!this.last) return;
    this.last = null;
    this.say(this.cells());
  }

  erase() {
    this.paint("");
    this.say("");
  }

  say(value) {
    this.value = value;
    // The clock keeps n growing when the square is created again before the answers arrive.
    this.sent = Math.max(this.sent + 1, Date.now());
    this.send({ epoch: this.data.epoch, n: this.sent, value });
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  // Output: black ink on paper that is white in both themes

  get pen() {
    return this.canvas.getContext("2d", { willReadFrequently: true });
  }

  line([x, y], [toX, toY]) {
    const pen = this.pen;
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = this.data.pen * PIXELS;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(toX, toY);
    pen.stroke();
  }

  paint(value) {
    this.value = value;
    const { pen, data } = this;
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (let i = 0; i < value.length; i++) {
      pen.fillStyle = `rgb(0 0 0 / ${parseInt(value[i], 16) / 15})`;
      pen.fillRect((i % data.size) * PIXELS, Math.floor(i / data.size) * PIXELS, PIXELS, PIXELS);
    }
  }

  // The ink of each cell as a hexadecimal digit; an empty drawing is "".
  cells() {
    const { size } = this.data;
    const side = size * PIXELS;
    const { data } = this.pen.getImageData(0, 0, side, side);
    const sums = new Float64Array(size * size);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        sums[Math.floor(y / PIXELS) * size + Math.floor(x / PIXELS)] += data[4 * (y * side + x) + 3];
      }
    }
    const text = [...sums].map((sum) => Math.round((15 * sum) / (255 * PIXELS * PIXELS)).toString(16)).join("");
    return /[^0]/.test(text) ? text : "";
  }
}
