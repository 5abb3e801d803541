// One sentence of the card, with a progress bar while something is measured.
export default {
  render({ model, el }) {
    el.classList.add("hdlib", "hdlib-line");
    const line = document.createElement("p"), lead = document.createElement("strong"), text = document.createElement("span");
    const bar = Object.assign(document.createElement("progress"), { max: 1 });
    bar.setAttribute("aria-label", "measuring");
    line.append(lead, text);
    el.append(line, bar);
    if (model.get("live")) {
      el.classList.add("hdlib-words");
      line.setAttribute("aria-live", "polite");
    }
    const show = () => {
      const progress = model.get("progress");
      lead.textContent = model.get("lead");
      lead.hidden = !lead.textContent;
      if (text.textContent !== model.get("text")) text.textContent = model.get("text");
      text.className = model.get("error") ? "hdlib-error" : "";
      bar.style.display = progress === null ? "none" : "";
      el.classList.toggle("hdlib-empty", !text.textContent && progress === null);
      bar.value = progress ?? 0;
    };
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
