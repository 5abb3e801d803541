// Native inputs with native labels: the keyboard, the screen reader and the browser already know them.
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const unique = () => "hdlib-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
const named = (model, input) => make("label", { htmlFor: input.id, textContent: model.get("label") });

function slider(model, el, send) {
  const values = model.get("values"), at = position => (values.length ? values[position] : position);
  const input = make("input", { type: "range", id: unique() });
  Object.assign(input, values.length
    ? { min: 0, max: values.length - 1, step: 1 }
    : { min: model.get("min"), max: model.get("max"), step: model.get("step") });
  const shown = make("span", { className: "hdlib-value" });
  shown.setAttribute("aria-hidden", "true");                   // the slider itself says it: aria-valuetext
  input.addEventListener("input", () => send(at(+input.value)));
  el.append(make("div", { className: "hdlib-head" }, named(model, input), shown), input);
  return () => {
    const value = model.get("value"), digits = model.get("digits"), unit = model.get("unit");
    const position = values.length ? values.indexOf(value) : value;
    const decimals = { minimumFractionDigits: values.length ? 0 : digits, maximumFractionDigits: digits };
    input.value = position;
    shown.textContent = value.toLocaleString("en-US", decimals) + (unit && "\u202f" + unit);
    input.setAttribute("aria-valuetext", shown.textContent);
    input.style.setProperty("--filled", (input.value - input.min) / (input.max - input.min));
  };
}

function select(model, el, send) {
  const names = model.get("names");
  const options = model.get("options").map((value, i) => make("option", { value, textContent: names[i] }));
  const input = make("select", { id: unique() }, ...options);
  input.addEventListener("change", () => send(input.value));
  el.append(make("div", { className: "hdlib-head" }, named(model, input)), input);
  return () => { input.value = model.get("value"); };
}

function text(model, el, send) {
  const input = make("input", { type: "text", id: unique(), maxLength: model.get("max_length"), spellcheck: false });
  input.addEventListener("input", () => send(input.value));
  el.append(make("div", { className: "hdlib-head" }, named(model, input)), input);
  return () => { if (input.value !== model.get("value")) input.value = model.get("value"); };   // keeps the caret
}

function area(model, el, send) {
  const most = model.get("max_length"), many = count => count.toLocaleString("en-US");
  const input = make("textarea", { id: unique(), rows: model.get("lines"), spellcheck: false });
  const said = make("div", { className: "hdlib-error" }), head = make("div", { className: "hdlib-head" }, named(model, input));
  said.setAttribute("role", "status");
  let known, pause;                                            // what Python has; what is being typed is left alone
  const take = (text, whose) => {
    clearTimeout(pause);
    const fits = text.length <= most;
    said.textContent = fits ? "" : `${whose} has ${many(text.length)} characters; at most ${many(most)} fit. Nothing was changed.`;
    text = text.replace(/\r\n?/g, "\n");                     // as Python will have it
    if (fits && text !== known) send(known = text);
    return fits;
  };
  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => take(input.value, "The text"), 300);
  });
  input.addEventListener("change", () => take(input.value, "The text"));
  if (model.get("accept")) {
    const file = make("input", { type: "file", accept: model.get("accept"), hidden: true });
    const open = make("button", { type: "button", textContent: "Open a file" });
    open.addEventListener("click", () => file.click());
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      try {                                                    // four bytes a character at most
        if (chosen.size > 4 * most) throw new Error(`has ${many(chosen.size)} bytes; at most ${many(most)} characters fit`);
        const bytes = await chosen.arrayBuffer();
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        if (take(text, chosen.name)) input.value = text;
      } catch (error) {
        const why = error instanceof TypeError ? "is no UTF-8 text" : error.message;
        said.textContent = `${chosen.name} ${why}. Nothing was changed.`;
      }
      file.value = "";                                         // the same file may be opened again
    });
    head.append(open, file);
  }
  el.append(head, input, said);
  return () => {
    if (known === model.get("value")) return;
    input.value = known = model.get("value");
    said.textContent = "";
  };
}

function toggle(model, el, send) {
  const input = make("input", { type: "checkbox", id: unique() });
  input.addEventListener("change", () => send(input.checked));
  el.append(input, named(model, input));
  return () => { input.checked = model.get("value"); };
}

function button(model, el, send) {
  const input = make("button", { type: "button", textContent: model.get("label") });
  input.addEventListener("click", () => send(model.get("value") + 1));
  el.append(input);
  return () => {};
}

const kinds = { slider, select, text, area, toggle, button };

export default {
  render({ model, el }) {
    const kind = model.get("kind");
    el.classList.add("hdlib", "hdlib-control", "hdlib-" + kind);
    const show = kinds[kind](model, el, value => { model.set("value", value); model.save_changes(); });
    const showAll = () => {
      show();
      for (const each of el.querySelectorAll("input, select, textarea, button")) each.disabled = model.get("disabled");
    };
    el.addEventListener("keydown", event => event.stopPropagation());        // else JupyterLab takes the arrow keys
    model.on("change", showAll);
    showAll();
    return () => model.off("change", showAll);
  },
};
