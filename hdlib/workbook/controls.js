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

const kinds = { slider, select, text, toggle, button };

export default {
  render({ model, el }) {
    const kind = model.get("kind");
    el.classList.add("hdlib", "hdlib-control", "hdlib-" + kind);
    const show = kinds[kind](model, el, value => { model.set("value", value); model.save_changes(); });
    const showAll = () => {
      show();
      el.querySelector("input, select, button").disabled = model.get("disabled");
    };
    el.addEventListener("keydown", event => event.stopPropagation());        // else JupyterLab takes the arrow keys
    model.on("change", showAll);
    showAll();
    return () => model.off("change", showAll);
  },
};
