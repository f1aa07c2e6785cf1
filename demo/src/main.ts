import "./styles/index.css";
import { controls } from "./panels/controls.ts";
import { fingerprintPanel } from "./panels/fingerprint.ts";
import { hashingPanel } from "./panels/hashing.ts";
import { lossPanel } from "./panels/loss.ts";
import { numbersPanel } from "./panels/numbers.ts";
import { textPanel } from "./panels/text.ts";
import { writingPanel } from "./panels/writing.ts";
import { initialState } from "./state/state.ts";
import { createStore, renderOnFrames } from "./state/store.ts";
import { createController } from "./training/controller.ts";

const cores = navigator.hardwareConcurrency;
const store = createStore(initialState(cores));
const text = textPanel(store);
const panels = [
  text,
  controls(store, createController(store), cores),
  numbersPanel(),
  lossPanel(),
  writingPanel(),
  fingerprintPanel(),
  hashingPanel(store),
];
const [, run] = panels;
text.root.append(run.root);
document
  .querySelector("#page")
  ?.append(...panels.filter((panel) => panel !== run).map(({ root }) => root));
renderOnFrames(store, (state) => {
  for (const panel of panels) panel.render(state);
});
