import { element } from "./element.ts";

export interface RadioGroup {
  readonly root: HTMLElement;
  /** Shows these options, and which one is chosen; the first label is number 0. */
  show(labels: readonly string[], chosen: number): void;
}

/** A choice among few: the browser's own radio buttons, with its own arrow keys. */
export function radioGroup(
  name: string,
  legend: string,
  onChoose: (index: number) => void,
): RadioGroup {
  const options = element("div", { class: "options" });
  const root = element("fieldset", { class: "radios" }, element("legend", {}, legend), options);
  root.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onChoose(Number(target.value));
  });
  let shown = "";
  return {
    root,
    show: (labels, chosen) => {
      if (labels.join("\n") !== shown) {
        shown = labels.join("\n");
        options.replaceChildren(...labels.map((label, index) => option(name, label, index)));
      }
      const inputs = options.querySelectorAll("input");
      inputs.forEach((input, index) => (input.checked = index === chosen));
    },
  };
}

const option = (name: string, label: string, index: number): HTMLElement =>
  element(
    "label",
    {},
    element("input", { type: "radio", name, value: index }),
    element("span", {}, label),
  );
