/** The page's own program: it colours the text as its choices say. Plain JavaScript, as it stands in the page. */
export const pageScript = `
const data = JSON.parse(document.getElementById("data").textContent);
const at = (name) => document.getElementById(name);
const pick = (name) => Number(at(name).value);
const chunkOf = (slot) => Math.floor(slot / data.chunkLength);
// Steps of the golden angle: numbers beside each other are told apart.
const hueOf = (number) => Math.round((number * 137.508) % 360);
const visible = (label) => label === "\\n" ? "\\u23CE\\n" : label;
function draw() {
  const layer = data.layers[pick("layer")];
  const text = at("text");
  text.replaceChildren();
  if (!layer) {
    at("told").textContent = "Nothing is hashed here.";
    return;
  }
  const length = data.labels.length;
  const from = (pick("head") * data.rounds + pick("round")) * length;
  const colour = at("colour").value;
  const token = (i) => {
    const bucket = layer.buckets[from + i];
    const chunk = chunkOf(layer.slots[from + i]);
    const span = document.createElement("span");
    const hue = colour === "bucket" ? hueOf(bucket) : colour === "chunk" ? hueOf(chunk) : 1.2 * layer.recall[i];
    span.style.setProperty("--hue", String(hue));
    span.title = "token " + i + ", bucket " + bucket + ", chunk " + chunk + ", " + layer.recall[i] + " % of its top keys found";
    span.textContent = visible(data.labels[i]);
    return span;
  };
  const order = Array.from({ length }, (_, i) => i);
  if (at("order").value === "text") text.append(...order.map(token));
  else {
    order.sort((a, b) => layer.slots[from + a] - layer.slots[from + b]);
    const chunks = new Map();
    for (const i of order) {
      const chunk = chunkOf(layer.slots[from + i]);
      if (!chunks.has(chunk)) {
        const line = document.createElement("span");
        line.className = "chunk";
        line.style.background = "none";
        chunks.set(chunk, line);
      }
      const shown = token(i);
      shown.textContent = data.labels[i].replace("\\n", "\\u23CE");
      chunks.get(chunk).append(shown);
    }
    text.append(...chunks.values());
  }
  at("told").textContent = {
    bucket: "A colour is a bucket: tokens of one colour may attend to each other, where a chunk and the one before hold them.",
    chunk: "A colour is a chunk: tokens sorted by bucket, cut into equal pieces; a token sees its own and the one before.",
    recall: "Red tokens have found none of the keys that full attention weighs most, green ones all, over all heads and rounds.",
  }[colour];
}
for (const name of ["layer", "head", "round", "colour", "order"]) at(name).addEventListener("change", draw);
draw();`;
