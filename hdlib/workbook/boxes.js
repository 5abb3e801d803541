// A box for longer text, with the file that may be read into it; sent for boxes alone, as it is longer than all other controls.
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const many = count => count.toLocaleString("en-US");

async function read(file, most) {
  if (file.size > 4 * most)                                    // four bytes a character at most
    throw new Error(`has ${many(file.size)} bytes; at most ${many(most)} characters fit`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error("is no UTF-8 text");
  }
}

export default {
  render({ model, el }) {
    const most = model.get("max_length"), id = "hdlib-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
    const input = make("textarea", { id, rows: model.get("lines"), spellcheck: false });
    const head = make("div", { className: "hdlib-head" }, make("label", { htmlFor: id, textContent: model.get("label") }));
    const said = make("div", { className: "hdlib-error" });
    said.setAttribute("role", "status");
    let known, pause;                                          // what Python has: what is being typed is left alone
    const take = (text, whose) => {
      clearTimeout(pause);
      const fits = text.length <= most;
      said.textContent = fits ? "" : `${whose} has ${many(text.length)} characters; at most ${many(most)} fit. Nothing was changed.`;
      text = text.replace(/\r\n?/g, "\n");                     // as Python will have it
      if (fits && text !== known) {
        model.set("value", known = text);
        model.save_changes();
      }
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
        try {
          const text = await read(chosen, most);
          if (take(text, chosen.name)) input.value = text;
        } catch (error) {
          said.textContent = `${chosen.name} ${error.message}. Nothing was changed.`;
        }
        file.value = "";                                       // the same file may be opened again
      });
      head.append(open, file);
    }
    el.classList.add("hdlib", "hdlib-control", "hdlib-area");
    el.append(head, input, said);
    const show = () => {
      for (const each of el.querySelectorAll("textarea, button")) each.disabled = model.get("disabled");
      if (known === model.get("value")) return;
      input.value = known = model.get("value");
      said.textContent = "";
    };
    el.addEventListener("keydown", event => event.stopPropagation());          // else JupyterLab takes the arrow keys
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
