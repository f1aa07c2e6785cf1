import type { Table } from "./check.ts";
import { nodeTable as interopNode, safetensorsTable, table as interop } from "./interop.ts";
import { table as lax } from "./lax.ts";
import { initializersTable, table as nn } from "./nn.ts";
import { table as numpy } from "./numpy.ts";
import { table as optim } from "./optim.ts";
import { table as random } from "./random.ts";
import { referenceTable, wasmTable, webgpuTable } from "./backends.ts";
import {
  classifierTable,
  decodingTable,
  encoderDecoderTable,
  huggingFaceDecodingTable,
  maskedTable,
  spansTable,
} from "./reformer-outputs.ts";
import { attentionTable, lshTable, shortenedTable, table as reformer } from "./reformer.ts";
import { table as training } from "./training.ts";
import { nodeTable as trainingNode, workerTable } from "./training-node.ts";
import { debugTable, table as transforms, testingTable, treeTable } from "./transforms.ts";

/** Every module with functions, and within it every object of functions that it exports, as `module: name`. */
export const tables: Readonly<Record<string, Table>> = {
  reformax: transforms,
  "reformax: tree": treeTable("FirstNode"),
  "reformax: debug": debugTable,
  "reformax/tree": treeTable("SecondNode"),
  "reformax/numpy": numpy,
  "reformax/lax": lax,
  "reformax/random": random,
  "reformax/nn": nn,
  "reformax/nn: initializers": initializersTable,
  "reformax/optim": optim,
  "reformax/reformer": reformer,
  "reformax/reformer: attention": attentionTable,
  "reformax/reformer: lsh": lshTable,
  "reformax/reformer: classifier": classifierTable,
  "reformax/reformer: decoding": decodingTable,
  "reformax/reformer: decoding.huggingFace": huggingFaceDecodingTable,
  "reformax/reformer: encoderDecoder": encoderDecoderTable,
  "reformax/reformer: masked": maskedTable,
  "reformax/reformer: spans": spansTable,
  "reformax/reformer: shortened": shortenedTable,
  "reformax/training": training,
  "reformax/training/node": trainingNode,
  "reformax/training/worker": workerTable,
  "reformax/interop": interop,
  "reformax/interop: safetensors": safetensorsTable,
  "reformax/interop/node": interopNode,
  "reformax/backends/reference": referenceTable,
  "reformax/backends/wasm": wasmTable,
  "reformax/backends/webgpu": webgpuTable,
  "reformax/testing": testingTable,
  "reformax/debug": debugTable,
};
