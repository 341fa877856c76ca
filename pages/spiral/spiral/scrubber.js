// The browser side of scrubber.py, which prepends scrubber.css as the constant CSS. Streamlit calls the default export
// on every change of `data`; while a run plays, carriers hand the growing curve to GROWN.

const GROWN = Symbol.for("spiral.scrubber");
const PERIOD = 80; // min. ms between two messages
const PATIENCE = 500; // ms after which the next message is sent though the last is not answered
const RATES = [8, 16, 32]; // moments a second at the three speeds

const TRIANGLE = { [-1]: "M13 2 3 8l10 6z", 1: "M3 2l10 6L3 14z" };
const BARS = "M3 2h4v12H3zM9 2h4v12H9z";
const HTML = `
  <div id="frame"><canvas id="curve" aria-hidden="true"></canvas></div>
  <input type="range" id="thumb" step="any">
  <div id="play">
    <button type="button" id="back"><svg viewBox="0 0 16 16" aria-hidden="true"><path></path></svg></button>
    <button type="button" id="forth"><svg viewBox="0 0 16 16" aria-hidden="true"><path></path></svg></button>
    <button type="button" id="speed"></button>
  </div>`;

const scrubbers = new Map();
globalThis[GROWN] = (grown) => scrubbers.forEach((scrubber) => scrubber.grow(grown));

export default function scrub({ parentElement, data, setStateValue }) {
  if (!scrubbers.has(parentElement)) scrubbers.set(parentElement, new Scrubber(parentElement));
  const scrubber = scrubbers.get(parentElement);
  scrubber.update(data, (message) => setStateValue("moment", message));
  return () => {
    // Streamlit also cleans up superseded calls while the scrubber is still on the page.
    if (parentElement.isConnected) return;
    scrubbers.delete(parentElement);
    scrubber.remove();
  };
}

class Scrubber {
  constructor(parent) {
    const root = parent.querySelector("#scrubber");
    root.innerHTML = HTML;
    root.appendChild(document.createElement("style")).textContent = CSS;
    for (const id of ["curve", "thumb", "back", "forth", "speed"]) this[id] = root.querySelector(`#${id}`);
    this.dragging = false;
    this.queued = null; // a chosen moment that is not sent yet
    this.sent = this.seen = 0; // the n of the last message, and of the last that is answered
    this.sentAt = -Infinity;
    this.way = 0; // 1 while it plays forwards, -1 backwards
    this.rate = 0; // index in RATES
    this.stop = new AbortController();
    const on = (target, names, handler) => {
      for (const name of names.split(" ")) target.addEventListener(name, handler, { signal: this.stop.signal });
    };
    on(this.thumb, "pointerdown", (event) => (this.dragging = event.button === 0 && !this.thumb.disabled));
    on(window, "pointerup pointercancel", () => this.release());
    on(window, "pointermove", (event) => event.buttons === 0 && this.release()); // released outside the window
    on(this.thumb, "change blur", () => this.release());
    on(this.thumb, "input", () => this.choose(nearest(this.moments, Number(this.thumb.value))));
    on(this.thumb, "keydown", (event) => this.key(event));
    on(this.back, "click", () => this.play(-1));
    on(this.forth, "click", () => this.play(1));
    on(this.speed, "click", () => this.faster());
    this.watch = new ResizeObserver(() => this.paint());
    this.watch.observe(this.curve);
  }

  remove() {
    this.stop.abort();
    this.watch.disconnect();
    clearTimeout(this.timer);
    clearInterval(this.clock);
  }

  // Data from Python

  update(data, send) {
    this.send = send;
    this.sent = data.epoch === this.data?.epoch ? Math.max(this.sent, data.seen) : data.seen;
    this.seen = data.seen;
    this.data = data;
    this.moments = data.moments;
    this.grown = data;
    if (data.playing) this.pause();
    const few = this.moments.length < 2;
    for (const control of [this.thumb, this.back, this.forth, this.speed]) control.disabled = few;
    this.thumb.setAttribute("aria-label", data.words.label);
    this.label();
    if (this.queued !== null) this.later();
    // Follow Python unless this answer is older than the last message.
    if (this.dragging || this.queued !== null || this.way || data.seen < this.sent) this.show(this.at);
    else this.show(data.at);
  }

  // While the run plays, its present is shown, and the curve grows.
  grow(grown) {
    if (!this.data?.playing) return; // at rest Python has told the kept moments themselves
    this.grown = grown;
    const first = this.data.moments[0];
    const at = grown.curve.filter((_, i) => i % 2 === 0); // near the kept moments: Python takes the nearest one
    this.moments = [...new Set(at.map((x) => first + Math.round((x / 1000) * (grown.end - first))))];
    this.thumb.disabled = this.moments.length < 2;
    this.show(this.dragging || this.queued !== null ? this.at : grown.end);
  }

  // Input

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = this.moments.length;
    const page = Math.max(1, Math.round(all / 10));
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page, Home: -all, End: all };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.choose(this.moments[clamp(this.place() + by, 0, all - 1)]);
  }

  // A moment that the user chose
  choose(moment) {
    this.pause();
    this.pick(moment);
  }

  pick(moment) {
    if (moment === undefined || moment === this.at) return;
    this.show(moment);
    this.queued = moment;
    this.later();
  }

  release() {
    if (!this.dragging) return;
    this.dragging = false;
    this.later();
  }

  // Send what is queued, when the last message is answered, and not too soon after it.
  later() {
    clearTimeout(this.timer);
    const pause = this.seen < this.sent ? PATIENCE : PERIOD;
    this.timer = setTimeout(() => this.flush(), Math.max(0, this.sentAt + pause - performance.now()));
  }

  flush() {
    if (this.queued === null) return;
    // The clock keeps n growing when the scrubber is created again before the answers arrive.
    this.sent = Math.max(this.sent + 1, Date.now());
    this.sentAt = performance.now();
    this.send({ epoch: this.data.epoch, n: this.sent, value: this.queued });
    this.queued = null;
  }

  // Play

  play(way) {
    if (this.way === way) return this.pause();
    this.pause();
    this.way = way;
    const last = this.moments.length - 1;
    if (this.place() === (way > 0 ? last : 0)) this.pick(this.moments[way > 0 ? 0 : last]);
    this.clock = setInterval(() => this.step(), 1000 / RATES[this.rate]);
    this.label();
  }

  step() {
    const next = this.place() + this.way;
    if (next < 0 || next >= this.moments.length) this.pause();
    else this.pick(this.moments[next]);
  }

  pause() {
    clearInterval(this.clock);
    this.way = 0;
    this.label();
  }

  faster() {
    this.rate = (this.rate + 1) % RATES.length;
    const { way } = this;
    if (way) {
      this.pause();
      this.play(way);
    }
    this.label();
  }

  // Output

  label() {
    if (!this.data) return;
    const { words } = this.data;
    for (const [button, way, name] of [[this.back, -1, words.back], [this.forth, 1, words.forth]]) {
      const plays = this.way === way;
      button.querySelector("path").setAttribute("d", plays ? BARS : TRIANGLE[way]);
      button.title = plays ? words.pause : name;
      button.setAttribute("aria-label", button.title);
    }
    const times = `${2 ** this.rate}×`;
    this.speed.textContent = times;
    this.speed.title = words.speed;
    this.speed.setAttribute("aria-label", `${words.speed}: ${times}`);
  }

  // The index of the shown moment.
  place() {
    return Math.max(0, this.moments.indexOf(nearest(this.moments, this.at)));
  }

  show(moment) {
    this.at = moment;
    const { words, moments } = this.data;
    this.thumb.min = moments[0];
    this.thumb.max = Math.max(this.grown.end, moments[0] + 1);
    this.thumb.value = moment;
    const text = words.epoch.replace("{epoch}", moment.toLocaleString("en"));
    this.thumb.setAttribute("aria-valuetext", moment < this.grown.end ? text : `${text}, ${words.present}`);
    this.words = text;
    this.paint();
  }

  paint() {
    const { curve, grown, data } = this;
    if (!data) return;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(curve.clientWidth * ratio);
    const height = Math.round(curve.clientHeight * ratio);
    if (curve.width !== width || curve.height !== height) Object.assign(curve, { width, height });
    const pen = curve.getContext("2d");
    pen.clearRect(0, 0, width, height);
    if (this.moments.length < 2) return;
    const edge = 3 * ratio;
    pen.lineWidth = 1.5 * ratio;
    pen.strokeStyle = data.colour;
    pen.beginPath();
    for (let i = 0; i < grown.curve.length; i += 2) {
      const y = edge + (grown.curve[i + 1] / 100) * (height - 2 * edge);
      pen.lineTo((grown.curve[i] / 1000) * width, y);
    }
    pen.stroke();
    const first = data.moments[0];
    const mark = (epoch, dash) => {
      const x = clamp(((epoch - first) / (grown.end - first)) * width, pen.lineWidth / 2, width - pen.lineWidth / 2);
      pen.setLineDash(dash);
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, height);
      pen.stroke();
      pen.setLineDash([]);
    };
    const style = getComputedStyle(curve);
    pen.strokeStyle = pen.fillStyle = style.color;
    // Painted, since words that follow the run would be moved by the browser's layout.
    pen.font = `${12 * ratio}px ${style.fontFamily}`;
    pen.textAlign = "right";
    pen.fillText(this.words, width - 5 * ratio, 15 * ratio);
    if (data.pinned !== null && data.pinned <= grown.end) mark(data.pinned, [3 * ratio, 3 * ratio]);
    mark(this.at, []);
  }
}

const clamp = (number, min, max) => Math.min(Math.max(number, min), max);

const nearest = (moments, epoch) =>
  moments.reduce((best, moment) => (Math.abs(moment - epoch) < Math.abs(best - epoch) ? moment : best), moments[0]);
