// The browser side of graph_view.py, which prepends graph_view.css as the constant CSS. Streamlit calls the
// default export on every change of `data`, with the same parentElement for as long as the graph stays on the page.

const GAP = 16; // between two layers, in units of the drawing
const BESIDE = 10; // between two boxes of a layer
const MARGIN = 8;
const BOX_HEIGHT = 48; // of a box with three lines of text
const MIN_ZOOM = 0.72; // the text is unreadable below: a larger graph scrolls instead
const SCROLL_ZOOM = 0.9; // the zoom of a graph that scrolls
const MAX_ZOOM = 1.4;
const PHONE_WIDTH = 500; // pixels: below, other elements stand under the graph

const views = new WeakMap();

export default function graph({ parentElement, data }) {
  if (!views.has(parentElement)) views.set(parentElement, new View(parentElement));
  const view = views.get(parentElement);
  view.update(data);
  return () => {
    // Streamlit also cleans up superseded calls while the graph is still on the page.
    if (parentElement.isConnected) return;
    views.delete(parentElement);
    view.watch.disconnect();
  };
}

class View {
  constructor(parent) {
    this.root = parent.querySelector("#graph_view");
    this.root.appendChild(document.createElement("style")).textContent = CSS;
    this.window = this.root.appendChild(document.createElement("div"));
    this.window.className = "window";
    this.window.tabIndex = 0; // the arrow keys scroll it
    this.window.addEventListener("scroll", () => this.pin());
    this.all = make("svg", { role: "img" }, this.window);
    this.ends = make("svg", { class: "ends", "aria-hidden": "true", width: "100%", height: "100%" }, this.root);
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.root);
  }

  update(data) {
    this.data = data;
    for (const [name, colour] of Object.entries(data.colours)) this.root.style.setProperty(`--${name}`, colour);
    this.draw();
  }

  resized() {
    if (this.data && this.root.clientWidth !== this.width) this.draw();
  }

  draw() {
    const { data, all } = this;
    this.width = this.root.clientWidth;
    if (!this.width) return; // not laid out yet: the observer calls again
    this.measure();
    all.setAttribute("aria-label", data.label);
    all.setAttribute("width", this.size[0] * this.zoom);
    all.setAttribute("height", this.size[1] * this.zoom);
    all.setAttribute("viewBox", `0 0 ${this.size.join(" ")}`);
    all.replaceChildren();
    const last = (edge) => edge.state === "current"; // drawn on top
    for (const edge of [...data.edges].sort((a, b) => last(a) - last(b))) this.line(edge);
    data.nodes.forEach((node, i) => this.box(node, i, this.corner(node), all));
    this.look();
  }

  // Layers run from left to right, or from top to bottom if that shows more; the whole graph is shown if readable.
  measure() {
    const { layers, breadth, box } = this.data;
    const minHeight = Math.max(220, window.innerHeight * 0.3);
    const room = this.width < PHONE_WIDTH ? window.innerHeight * 0.4 : window.innerHeight - this.data.around;
    const height = Math.max(minHeight, room);
    const side = (count, each, gap) => count * (each + gap) - gap + 2 * MARGIN;
    const across = [side(layers, box, GAP), side(breadth, BOX_HEIGHT, BESIDE)];
    const down = [side(breadth, box, BESIDE), side(layers, BOX_HEIGHT, GAP)];
    const fit = ([x, y]) => Math.min(this.width / x, height / y);
    this.across = fit(across) >= Math.min(MIN_ZOOM, fit(down));
    this.size = this.across ? across : down;
    const wide = this.width / this.size[0];
    const zoom = fit(this.size) >= MIN_ZOOM ? fit(this.size) : wide >= MIN_ZOOM ? Math.min(wide, SCROLL_ZOOM) : SCROLL_ZOOM;
    this.zoom = Math.min(zoom, MAX_ZOOM);
    this.window.style.maxHeight = `${height}px`;
  }

  // Convert (along, across) the layers to (x, y).
  turn(along, beside) {
    return this.across ? [along, beside] : [beside, along];
  }

  at([layer, place]) {
    const [along, beside] = this.turn(this.data.box, BOX_HEIGHT);
    return [MARGIN + along / 2 + layer * (along + GAP), MARGIN + beside / 2 + place * (beside + BESIDE)];
  }

  corner(node) {
    const [x, y] = this.turn(...this.at(node.at));
    return [x - this.data.box / 2, y - BOX_HEIGHT / 2];
  }

  line({ path, port, state }) {
    const [along, beside] = this.turn(this.data.box, BOX_HEIGHT);
    const points = path.map((place) => this.at(place));
    const stops = points.flatMap(([a, b], i) => {
      if (i === 0) return [[a + along / 2, b]];
      if (i === points.length - 1) return [[a - along / 2, b + port * Math.min(14, beside / 4)]];
      return [[a - along / 2, b], [a + along / 2, b]]; // horizontal beside the boxes of a layer
    });
    let d = `M${this.turn(...stops[0])}`;
    for (let i = 1; i < stops.length; i++) {
      const [[a, b], [c, e]] = [stops[i - 1], stops[i]];
      const middle = (a + c) / 2;
      d += `C${this.turn(middle, b)} ${this.turn(middle, e)} ${this.turn(c, e)}`;
    }
    make("path", { class: `edge ${state}`, d }, this.all);
    // An arrow points forward at the operation; the current edge points back at the argument.
    const back = state === "current";
    const [a, b] = back ? stops[0] : stops.at(-1);
    const [long, half] = back ? [13, 7.5] : [-8, 4];
    const corners = [[a, b], [a + long, b - half], [a + long, b + half]].map((corner) => this.turn(...corner));
    make("polygon", { class: `head ${state}`, points: corners.join(" ") }, this.all);
  }

  box(node, i, [x, y], parent) {
    const group = make("g", { class: `node ${node.state}`, "data-node": i, transform: `translate(${x} ${y})` }, parent);
    make("rect", { width: this.data.box, height: BOX_HEIGHT, rx: 6 }, group);
    ["title", "value", "gradient"].forEach((line, k) => {
      make("text", { class: line, x: this.data.box / 2, y: 15 + 13.5 * k }, group).textContent = node[line];
    });
    return group;
  }

  // The nodes of the step: both ends of the current edge, or the result before the first step.
  get focus() {
    const ends = this.data.nodes.filter(({ state }) => state === "from" || state === "to");
    return ends.length ? ends : this.data.nodes.filter(({ state }) => state === "output");
  }

  look() {
    const { focus, zoom, window: view } = this;
    const now = JSON.stringify([focus.map(({ at, state }) => [at, state]), this.across, zoom, this.width]);
    if (now === this.looked) return this.pin(); // keep the position if the user scrolled away
    const first = this.looked === undefined;
    this.looked = now;
    const corners = focus.map((node) => this.corner(node));
    const from = Math.max(focus.findIndex(({ state }) => state === "from"), 0);
    const to = [0, 1].map((k) => {
      const length = (k ? BOX_HEIGHT : this.data.box) * zoom;
      const seen = k ? view.clientHeight : view.clientWidth;
      const scrolled = k ? view.scrollTop : view.scrollLeft;
      const places = corners.map((corner) => corner[k] * zoom);
      let [min, max] = [Math.min(...places), Math.max(...places) + length];
      if (max - min > seen) [min, max] = [places[from], places[from] + length]; // the other end is pinned
      else if (min >= scrolled && max <= scrolled + seen) return scrolled;
      return (min + max - seen) / 2;
    });
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches;
    view.scrollTo({ left: to[0], top: to[1], behavior: still ? "instant" : "smooth" });
    this.pin();
  }

  // Keep both ends of the current edge in sight: pin one outside the window at the window's border.
  pin() {
    const { zoom, window: view } = this;
    this.ends.replaceChildren();
    const group = make("g", { transform: `scale(${zoom})` }, this.ends);
    const within = (place, size, seen) => Math.max(2, Math.min(place, seen / zoom - size - 2));
    for (const node of this.data.nodes) {
      if (node.state !== "from" && node.state !== "to") continue;
      const [x, y] = this.corner(node);
      const held = [
        within(x - view.scrollLeft / zoom, this.data.box, view.clientWidth),
        within(y - view.scrollTop / zoom, BOX_HEIGHT, view.clientHeight),
      ];
      this.box(node, this.data.nodes.indexOf(node), held, group);
    }
  }
}

function make(name, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return parent.appendChild(element);
}
