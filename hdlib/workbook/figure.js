// Draws with one plotly for the page, shared by all views: JupyterLab's own, or the kernel's, asked for once.
const KEY = Symbol.for("hdlib.plotly");
const usable = () => Number.parseInt(globalThis.Plotly?.version) >= 3;      // older ones cannot read binary arrays

async function fromLab() {                                    // the copy JupyterLab's own plotly renderer has already fetched
  const container = globalThis._JUPYTERLAB?.["jupyterlab-plotly"];
  const { RenderedPlotly, MIME_TYPE } = (await container.get("./mimeExtension"))();
  const empty = { data: { [MIME_TYPE]: { data: [], layout: {} } }, setData() {} };
  await new RenderedPlotly({ mimeType: MIME_TYPE }).createGraph(empty);       // it starts plotly with its first graph
}

async function fromKernel(model, signal) {
  const zipped = await new Promise((resolve, reject) => {
    model.on("msg:custom", (message, buffers) => { if (message["plotly.js"]) resolve(buffers[0]); });
    signal?.addEventListener("abort", () => reject(new Error("the view closed before plotly.js came")));
    model.send("plotly.js?");
  });
  const text = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const url = URL.createObjectURL(await new Response(text, { headers: { "Content-Type": "text/javascript" } }).blob());
  await import(url);                                          // a UMD file: it sets window.Plotly
  URL.revokeObjectURL(url);
}

async function findPlotly(model, signal) {
  if (!usable()) await fromLab().catch(() => {});             // VS Code, Colab, an older JupyterLab: not there
  const source = usable() ? "page" : "kernel";
  if (!usable()) await fromKernel(model, signal);
  return Object.assign(globalThis.Plotly, { hdlibSource: source });
}

// Walks through figure JSON: binary buffers arrive as DataView where plotly wants ArrayBuffer, and on a dark page
// every house colour becomes its partner.
function translate(value, colours) {
  if (typeof value === "string") return colours[value] ?? value;
  if (value instanceof DataView) return value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
  if (Array.isArray(value)) return value.map(item => translate(item, colours));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translate(item, colours)]));
  return value;
}

function isDark(el) {                                         // light words mean a dark page, in JupyterLab and elsewhere
  const [red, green, blue] = getComputedStyle(el).color.match(/[\d.]+/g).map(Number);
  return red + green + blue > 384;
}

const make = (tag, className = "") => Object.assign(document.createElement(tag), { className });

export default {
  async render({ model, el, signal }) {
    const figure = make("figure", "hdlib-figure"), title = make("div", "hdlib-title"), plot = make("div"), words = make("figcaption");
    plot.setAttribute("role", "img");
    words.setAttribute("aria-live", "polite");
    figure.append(title, plot, ...(model.get("caption") ? [words] : []));
    el.classList.add("hdlib");
    el.style.width = "100%";
    el.append(figure);
    const speak = () => {
      title.textContent = model.get("_layout").title?.text ?? "";
      words.textContent = model.get("alt");
      plot.setAttribute("aria-label", model.get("alt"));
    };
    speak();

    globalThis[KEY] ??= findPlotly(model, signal).catch(error => { globalThis[KEY] = undefined; throw error; });
    let Plotly;
    try {
      Plotly = await globalThis[KEY];
    } catch (error) {
      plot.textContent = `The figure could not be drawn: ${error.message}. Run the cell again.`;
      return;
    }
    while (!el.isConnected && !signal?.aborted) await new Promise(requestAnimationFrame);   // no size, no colours before
    if (signal?.aborted) return;

    let waiting = false;
    const paint = () => {
      waiting = false;
      const theme = model.get("_theme"), colours = isDark(el) ? theme.dark : {};
      const traces = Array.from({ length: model.get("_count") }, (_, i) => translate(model.get("_trace" + i), colours));
      const { title: finding, ...rest } = translate(model.get("_layout"), colours);
      const template = translate(theme.template, colours);
      template.layout.font.family = getComputedStyle(el).fontFamily;
      speak();
      return Plotly.react(plot, traces, { ...rest, template, autosize: true }, { displayModeBar: false, responsive: false });
    };
    const draw = () => { if (!waiting) { waiting = true; requestAnimationFrame(paint); } };  // many messages, one redraw
    await paint();
    model.on("change", draw);
    const size = new ResizeObserver(() => { if (plot.clientWidth && plot._fullLayout) Plotly.Plots.resize(plot); });
    size.observe(el);
    const dark = new MutationObserver(draw);                  // JupyterLab's theme switch
    dark.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    return () => { model.off("change", draw); size.disconnect(); dark.disconnect(); Plotly.purge(plot); };
  },
};
