// Native radio buttons in fieldsets; each choice explains itself where it stands.
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

function ask(question, number, answer) {
  const name = "hdlib-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
  const why = make("div", { className: "hdlib-why" });
  why.setAttribute("role", "status");                          // read out when a choice is made
  const inputs = question.choices.map((choice, i) => {
    const input = make("input", { type: "radio", name, id: `${name}-${i}` });
    input.addEventListener("change", () => answer(i));
    return input;
  });
  const rows = question.choices.map((choice, i) =>
    make("div", { className: "hdlib-choice" }, inputs[i], make("label", { htmlFor: inputs[i].id, textContent: choice.text })));
  const show = i => {
    inputs.forEach((input, j) => { input.checked = i === j; });
    const choice = question.choices[i];
    why.className = "hdlib-why" + (choice ? (choice.right ? " hdlib-right" : " hdlib-wrong") : "");
    why.replaceChildren(...(choice
      ? [make("strong", { textContent: choice.right ? "✓ Right. " : "✗ Not this one. " }), make("span", { textContent: choice.why })]
      : []));
  };
  return [make("fieldset", {}, make("legend", { textContent: `${number + 1}. ${question.text}` }), ...rows, why), show];
}

export default {
  render({ model, el }) {
    const questions = model.get("_questions");
    const answer = (number, choice) => {
      model.set("answers", model.get("answers").with(number, choice));
      model.save_changes();
    };
    const asked = questions.map((question, number) => ask(question, number, choice => answer(number, choice)));
    const score = make("p", { className: "hdlib-score" });
    score.setAttribute("role", "status");
    const show = () => {
      const answers = model.get("answers");
      asked.forEach(([, showOne], number) => showOne(answers[number]));
      const right = questions.filter((question, number) => question.choices[answers[number]]?.right).length;
      const given = answers.filter(choice => choice !== null).length;
      const text = given ? `${right} of ${questions.length} right` : `${questions.length} questions; choose an answer to see why`;
      if (score.textContent !== text) score.textContent = text;
    };
    el.classList.add("hdlib", "hdlib-card", "hdlib-quiz");
    el.addEventListener("keydown", event => event.stopPropagation());        // else JupyterLab takes the arrow keys
    el.append(...asked.map(([fieldset]) => fieldset), score);
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
