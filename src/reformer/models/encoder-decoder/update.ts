import { checkOptions, checkPartsOf, checkRecord } from "../../../core/arguments.ts";
import * as tree from "../../../core/tree.ts";
import type { Value } from "../../../core/value.ts";
import type { CrossEntropyOptions } from "../../../nn/index.ts";
import { add, array } from "../../../numpy/index.ts";
import { applyUpdates, type GradientTransformation } from "../../../optim/index.ts";
import { checkOptimizer } from "../../../optim/transformation.ts";
import { checkLeaves } from "../../../transforms/flat-function.ts";
import { vjp } from "../../../transforms/index.ts";
import { meanLoss } from "../../outputs/mean-loss.ts";
import { allRows } from "../../row-chunks.ts";
import type { Health, Streams } from "../../stack/reversible.ts";
import { toStream } from "../../stack/stream.ts";
import {
  checkLayerStates,
  noneBad,
  selectTree,
  valueAndUpdate,
} from "../../stack/value-and-update.ts";
import { checkTargets } from "../check-pass.ts";
import { trimStreams } from "../common-length.ts";
import { stackOf } from "../layers.ts";
import type { EndParams } from "../params.ts";
import { requireReversible } from "../requirements.ts";
import { contextOf, stackInput, streamDType } from "../run-stack.ts";
import { requireUntied } from "../tied-layers.ts";
import { checkPairPass, checkSource, checkTarget, checkTexts } from "./check-pair.ts";
import { checkPairConfig } from "./complete-config.ts";
import { encoderOf, readsByKeys, type EncoderDecoderConfig } from "./config.ts";
import { decoderStack } from "./decoder-layers.ts";
import type { TextPair } from "./outputs.ts";
import { sourceInputs, type EncoderDecoderParams, type EncoderParams } from "./params.ts";
import { decoderContext, joinHealth, resultOf, sourceKey, targetKey } from "./passes.ts";
import type { TextOptions } from "./texts.ts";

/** What stands below and above both stacks. */
interface PairEnds extends EndParams {
  readonly encoder: Omit<EncoderParams, "layers">;
}

/** Parameters with the optimiser's state of every layer of both stacks, and of what stands below and above them. */
export interface PairUpdateState {
  readonly params: EncoderDecoderParams;
  readonly optimizer: {
    readonly encoder: readonly unknown[];
    readonly layers: readonly unknown[];
    readonly ends: unknown;
  };
}

export interface PairUpdate {
  /** Mean loss in nats before the update, f32[]. */
  readonly loss: Value;
  readonly health: Health;
  readonly state: PairUpdateState;
  /** Whether loss and streams were finite, so that the update took place: bool[]. */
  readonly updated: Value;
}

/** One step: the next state and what is to be known of it. */
export type PairUpdateStep = (
  state: PairUpdateState,
  pair: TextPair,
  key: Value,
  options?: Omit<TextOptions, "mode">,
) => PairUpdate;

const endsOf = ({ encoder, embedding, positions, head }: EncoderDecoderParams): PairEnds => {
  const { layers: _, ...ends } = encoder;
  return { embedding, positions, head, encoder: ends };
};

/**
 * The state before the first step of `lossAndUpdate`.
 *
 * @example
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { encoderDecoder } from "reformax/reformer";
 * const params = encoderDecoder.init(encoderDecoder.config({ width: 16 }), key(0));
 * console.log(encoderDecoder.initUpdateState(sgd(0.1), params).optimizer.encoder.length); // => 2
 */
export const initUpdateState = (
  optimizer: GradientTransformation,
  params: EncoderDecoderParams,
): PairUpdateState => {
  const where = "encoderDecoder.initUpdateState";
  checkOptimizer(optimizer, "optimizer", where);
  checkModel(params, "params", where);
  checkLeaves(params, "params", where);
  return {
    params,
    optimizer: {
      encoder: params.encoder.layers.map((layer) => optimizer.init(layer)),
      layers: params.layers.map((layer) => optimizer.init(layer)),
      ends: optimizer.init(endsOf(params)),
    },
  };
};

/**
 * One training step of an encoder-decoder in which the layers of both stacks are updated inside of their reverse sweeps: the decoder's adds up
 * what its layers send back to the encoder's result, and the encoder's begins with that sum. Values are those of the gradient of `loss`
 * followed by one update for each layer. Either both stacks are updated or none is.
 *
 * @throws ReformaxError for an ordinary residual network, tied layers, and an optimiser that needs all gradients at once
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { encoderDecoder } from "reformax/reformer";
 * await init();
 * const config = encoderDecoder.config({ vocabulary: 11, width: 16 });
 * const source = array([[3, 1, 4, 1, 5]], "i32");
 * const [inputs, targets] = [array([[0, 2, 7]], "i32"), array([[2, 7, 1]], "i32")];
 * const step = encoderDecoder.lossAndUpdate(config, sgd(0.1));
 * const state = encoderDecoder.initUpdateState(sgd(0.1), encoderDecoder.init(config, key(0)));
 * const first = step(state, { source, inputs, targets }, key(1));
 * const second = step(first.state, { source, inputs, targets }, key(1));
 * console.log(second.loss.item() < first.loss.item()); // => true
 */
export function lossAndUpdate(
  config: EncoderDecoderConfig,
  optimizer: GradientTransformation,
  smoothing: CrossEntropyOptions = {},
): PairUpdateStep {
  const where = "encoderDecoder.lossAndUpdate";
  checkPairConfig(config, where);
  checkOptimizer(optimizer, "optimizer", where);
  checkOptions(smoothing, { labelSmoothing: "number" }, where);
  requireReversible(config, where);
  requireUntied(config, where);
  const encoder = encoderOf(config);
  const chunk = { chunk: config.lossChunk ?? allRows };
  const updateEncoder = valueAndUpdate(stackOf(encoder, "training").layers, optimizer, chunk);
  const updateDecoder = valueAndUpdate(decoderStack(config, "training").layers, optimizer, chunk);

  return (state, pair, key, options = {}) => {
    const { params, optimizer: states } = checkState(state, config, where);
    checkPairPass(config, params, key, options, where);
    const { source, inputs, targets } = checkTexts(pair, "pair", where);
    checkSource(config, source, options, where);
    checkTarget(config, inputs, source.shape[0], options, where);
    checkTargets(targets, inputs, where);
    const { rounds, valid = null, sourceValid = null } = options;
    const ends = endsOf(params);
    const ofSource = { mode: "training", rounds, valid: sourceValid } as const;
    const ofTarget = { mode: "training", rounds, valid } as const;
    const [forSource, forTarget] = [sourceKey(key), targetKey(key)];
    const [embeddedSource, pullSource] = vjp(
      (p: PairEnds) => stackInput(encoder, sourceInputs(p), source, forSource, ofSource),
      ends,
    );
    const [embedded, pullTarget] = vjp(
      (p: PairEnds) => stackInput(config, p, inputs, forTarget, ofTarget),
      ends,
    );

    const decoderStep = (read: Value, mayUpdate: Value) =>
      updateDecoder(
        { params: params.layers, optimizer: states.layers },
        bottomOf(config, embedded),
        decoderContext(config, { source: read, sourceValid }, inputs, forTarget, ofTarget),
        (streams) => {
          const above = (p: PairEnds, top: Streams): Value =>
            meanLoss(config, p, trimStreams(top, inputs.shape[1]), targets, smoothing);
          const [value, pullBack] = vjp(above, ends, streams);
          const [aux, cotangent] = pullBack(array(1));
          return { value, cotangent, aux, allowed: mayUpdate };
        },
      );

    const swept = updateEncoder(
      { params: params.encoder.layers, optimizer: states.encoder },
      bottomOf(encoder, embeddedSource),
      contextOf(encoder, source, forSource, ofSource, where),
      (streams, health) => {
        const above = (norm: EncoderParams["norm"], top: Streams): Value =>
          resultOf(config, norm, trimStreams(top, source.shape[1]));
        const [read, pullBack] = vjp(above, params.encoder.norm, streams);
        const decoded = decoderStep(read, noneBad(health));
        const dShared = decoded.dShared as Readonly<Record<string, Value>>;
        const [dNorm, cotangent] = pullBack(dShared[readsByKeys(config) ? "keys" : "source"]);
        const { value, updated: allowed } = decoded;
        return { value, cotangent, aux: { decoded, dNorm }, allowed };
      },
    );
    const { decoded, dNorm } = swept.aux;
    const [dSource] = pullSource(sumOfBoth(swept.cotangent));
    const [dTarget] = pullTarget(sumOfBoth(decoded.cotangent));
    const ofEnds = sumTrees(decoded.aux, sumTrees(dTarget, dSource));
    const norm = sumTrees(ofEnds.encoder.norm, dNorm);
    const gradient = { ...ofEnds, encoder: { ...ofEnds.encoder, norm } };
    const [updates, next] = optimizer.update(gradient, states.ends, ends);
    const [kept, keptState] = selectTree(
      swept.updated,
      [applyUpdates(ends, updates), next],
      [ends, states.ends],
    );
    return {
      loss: swept.value,
      health: joinHealth(swept.health, decoded.health, config.encoder.layers.length),
      updated: swept.updated,
      state: {
        params: {
          ...kept,
          encoder: { ...kept.encoder, layers: swept.layers.params },
          layers: decoded.layers.params,
        },
        optimizer: {
          encoder: swept.layers.optimizer,
          layers: decoded.layers.optimizer,
          ends: keptState,
        },
      },
    };
  };
}

function checkModel(params: EncoderDecoderParams, what: string, where: string): void {
  checkPartsOf(
    params,
    { embedding: "object", positions: "any", encoder: "object", layers: "list", head: "any" },
    what,
    where,
  );
  const kinds = { positions: "any", layers: "list", norm: "object", embedding: "any" } as const;
  checkPartsOf(params.encoder, kinds, `${what}.encoder`, where);
}

function checkState(
  state: PairUpdateState,
  { encoder, layers }: EncoderDecoderConfig,
  where: string,
): PairUpdateState {
  checkRecord(state, { params: "object", optimizer: "object" }, "state", where);
  const kinds = { encoder: "list", layers: "list", ends: "any" } as const;
  const states = checkRecord(state.optimizer, kinds, "state.optimizer", where);
  const { params } = state;
  checkModel(params, "state.params", where);
  checkLayerStates(
    { params: params.encoder.layers, optimizer: states.encoder },
    encoder.layers.length,
    where,
  );
  checkLayerStates({ params: params.layers, optimizer: states.layers }, layers.length, where);
  return state;
}

const bottomOf = (config: Parameters<typeof streamDType>[0], embedded: Value): Streams => {
  const stream = toStream(embedded, streamDType(config));
  return { first: stream, second: stream };
};

const sumOfBoth = ({ first, second }: Streams): Value => add(first, second);

const sumTrees = <T>(a: T, b: T): T => tree.map((x: Value, y: Value) => add(x, y), a, b);
