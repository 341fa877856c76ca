// The browser side of live_slider.py, which prepends live_slider.css as the constant CSS. Streamlit calls the
// default export on every change of `data`, with the same parentElement for as long as the slider stays on the page:
// one LiveSlider per element, so focus and drag survive.

const PERIOD = 80; // min. ms between two messages; the last value is always sent

const HTML = `
  <div id="head">
    <label for="thumb" id="label"></label>
    <button type="button" id="help" aria-describedby="tip" hidden></button>
    <input type="text" id="number" inputmode="decimal" autocomplete="off" spellcheck="false" aria-labelledby="label">
    <span id="unit" aria-hidden="true"></span>
  </div>
  <input type="range" id="thumb" min="0" step="any">
  <div id="tip" role="tooltip" popover></div>
  <span id="alert" role="alert"></span>`;

const sliders = new WeakMap();

export default function liveSlider({ parentElement, data, setStateValue }) {
  globalThis[Symbol.for("live_slider")] = liveSlider; // for _AGAIN in live_slider.py
  if (!sliders.has(parentElement)) sliders.set(parentElement, new LiveSlider(parentElement));
  const slider = sliders.get(parentElement);
  slider.update(data, (pick) => setStateValue("pick", pick));
  return () => {
    // Streamlit also cleans up superseded calls while the slider is still on the page.
    if (parentElement.isConnected) return;
    sliders.delete(parentElement);
    slider.destroy();
  };
}

class LiveSlider {
  constructor(parent) {
    const root = parent.querySelector("#slider");
    root.innerHTML = HTML;
    root.appendChild(document.createElement("style")).textContent = CSS;
    for (const id of ["label", "help", "number", "unit", "thumb", "tip", "alert"]) {
      this[id] = root.querySelector(`#${id}`);
    }
    this.dragging = false;
    this.queued = null; // a chosen value not sent yet
    this.sent = 0; // the n of the last pick sent
    this.sentAt = -Infinity;
    this.stop = new AbortController();
    const on = (target, names, handler) => {
      for (const name of names.split(" ")) {
        target.addEventListener(name, handler, { signal: this.stop.signal });
      }
    };
    on(this.thumb, "pointerdown", (event) => (this.dragging = event.button === 0 && !this.thumb.disabled));
    on(window, "pointerup pointercancel", () => this.release());
    on(window, "pointermove", (event) => event.buttons === 0 && this.release()); // released outside the window
    on(this.thumb, "change blur", () => this.release());
    on(this.thumb, "input", () => this.moved(Number(this.thumb.value)));
    on(this.thumb, "keydown", (event) => this.key(event));
    on(this.number, "change", () => this.typed());
    on(this.number, "input", () => this.mark(false));
    on(this.number, "focus", () => this.number.select());
    on(this.number, "blur", () => this.hideTip());
    on(this.number, "keydown", (event) => {
      event.stopPropagation(); // Streamlit's hotkeys (r, c) do not look into a shadow root
      if (event.key === "Escape") this.show(this.value);
    });
    on(this.help, "pointerenter focus click", () => this.showTip(this.help, this.data.help));
    on(this.help, "pointerleave blur", () => this.hideTip());
    on(this.tip, "toggle", (event) => event.newState === "closed" && this.hideTip()); // Escape, a click elsewhere
  }

  destroy() {
    this.stop.abort();
    clearTimeout(this.timer);
  }

  // Data from Python

  update(data, send) {
    this.send = send;
    const scale = JSON.stringify([data.min, data.max, data.step, data.stops]);
    if (scale !== this.scale) {
      this.scale = scale;
      this.decimals = data.step === null ? 0 : decimals(data.step);
      this.stops = data.stops ?? even(data.min, data.max, data.step, this.decimals);
      this.thumb.max = this.stops.length - 1;
      this.value = undefined; // forces a new position of the thumb
    }
    this.sent = data.epoch === this.data?.epoch ? Math.max(this.sent, data.seen) : data.seen;
    const otherWords = data.rule !== this.data?.rule;
    this.data = data;
    if (otherWords && this.number.getAttribute("aria-invalid") === "true") this.reason(true);
    this.label.textContent = this.label.title = data.label;
    this.unit.textContent = data.unit;
    this.help.hidden = !data.help;
    this.help.setAttribute("aria-label", `? ${data.label}`);
    if (!this.tipAt) this.tip.textContent = data.help;
    if (data.help) this.thumb.setAttribute("aria-describedby", "tip");
    else this.thumb.removeAttribute("aria-describedby");
    this.thumb.disabled = this.number.disabled = data.disabled;
    if (data.disabled) this.dragging = false;
    this.settle();
  }

  // Follow Python unless this answer is older than the last move.
  settle() {
    const ahead = this.dragging || this.queued !== null || this.data.seen < this.sent;
    if (this.value !== undefined && (ahead || this.data.value === this.value)) return;
    this.show(this.data.value);
  }

  // Input

  moved(raw) {
    let at = Math.round(raw);
    if (!this.dragging) {
      // A screen reader's increment is smaller than the gap between stops, but must reach the next stop.
      const from = this.place(this.value);
      at = raw > from ? Math.max(at, Math.floor(from) + 1) : Math.min(at, Math.ceil(from) - 1);
    }
    this.pick(this.stops[clamp(at, 0, this.stops.length - 1)]);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.round(this.stops.length / 10));
    const all = this.stops.length;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page, Home: -all, End: all };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const from = this.place(this.value);
    this.pick(this.stops[clamp((by > 0 ? Math.floor(from) : Math.ceil(from)) + by, 0, all - 1)]);
  }

  typed() {
    const text = this.number.value.normalize("NFKC").replaceAll("\u2212", "-").trim();
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    const { min, max, integer } = this.data;
    if (value >= min && value <= max && (!integer || Number.isInteger(value))) this.pick(value);
    else this.mark(true);
  }

  release() {
    if (!this.dragging) return;
    this.dragging = false;
    this.flush();
    this.settle();
  }

  pick(value) {
    const news = value !== this.value;
    this.show(value);
    if (!news) return;
    this.queued = value;
    const wait = this.sentAt + PERIOD - performance.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.queued === null) return;
    // The clock keeps n growing when the slider is created again before the answers arrive.
    this.sent = Math.max(this.sent + 1, Date.now());
    this.sentAt = performance.now();
    this.send({ epoch: this.data.epoch, n: this.sent, value: this.queued });
    this.queued = null;
  }

  // Output

  show(value) {
    this.value = value;
    const at = this.place(value);
    const text = this.text(value);
    this.thumb.value = at;
    this.thumb.style.setProperty("--at", at / (this.stops.length - 1));
    this.thumb.setAttribute("aria-valuetext", this.data.unit ? `${text} ${this.data.unit}` : text);
    this.number.value = text;
    this.number.style.setProperty("--digits", `${Math.max(2, text.length)}ch`);
    this.mark(false);
  }

  text(value) {
    const fixed = value.toFixed(this.decimals);
    return (Number(fixed) === value ? fixed : String(value)).replaceAll("-", "\u2212");
  }

  // The position of the thumb in stops, with a fraction for a value between two stops.
  place(value) {
    const above = this.stops.findIndex((stop) => stop >= value);
    if (above === -1) return this.stops.length - 1;
    if (above === 0 || this.stops[above] === value) return above;
    const below = this.stops[above - 1];
    return above - 1 + (value - below) / (this.stops[above] - below);
  }

  mark(invalid) {
    this.number.setAttribute("aria-invalid", invalid);
    this.reason(invalid);
    if (invalid) this.showTip(this.number, this.data.rule);
    else if (this.tipAt === this.number) this.hideTip();
  }

  reason(invalid) {
    this.number.title = this.alert.textContent = invalid ? this.data.rule : "";
  }

  // The tip is in the top layer, because a sidebar or column would clip it.
  showTip(anchor, text) {
    if (!this.tip.togglePopover) {
      anchor.title = text;
      return;
    }
    this.tip.textContent = text;
    this.tip.togglePopover(true);
    this.tipAt = anchor;
    const near = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const below = near.bottom + 6;
    this.tip.style.left = `${clamp(near.left + near.width / 2 - width / 2, 8, window.innerWidth - width - 8)}px`;
    this.tip.style.top = `${below + height < window.innerHeight ? below : near.top - height - 6}px`;
  }

  hideTip() {
    this.tipAt = null;
    this.tip.togglePopover?.(false);
    this.tip.textContent = this.data.help;
  }
}

const clamp = (number, min, max) => Math.min(Math.max(number, min), max);

function decimals(step) {
  const [digits, power] = step.toExponential().split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(power));
}

// min, min + step, … and max, rounded, so that 3 * 0.1 is 0.3 as in Python's JSON.
function even(min, max, step, digits) {
  const places = Math.max(digits, decimals(min));
  const stops = [];
  for (let i = 0; min + i * step <= max + step * 1e-9; i++) stops.push(Number((min + i * step).toFixed(places)));
  if (stops.at(-1) < max) stops.push(max);
  return stops;
}
