import { classifyKind } from "./classify/kind.ts";
import { imagesKind } from "./images/kind.ts";
import { maskedKind } from "./masked/kind.ts";
import { anyKind, type TaskKind } from "./task/kind.ts";
import { spansKind } from "./spans/kind.ts";
import { toyKind } from "./toy/kind.ts";
import { translateKind } from "./translate/kind.ts";

/** The tasks that configurations can name, besides predicting the next token. */
export const taskKinds: Readonly<Record<string, TaskKind>> = {
  masked: anyKind(maskedKind),
  classify: anyKind(classifyKind),
  spans: anyKind(spansKind),
  translate: anyKind(translateKind),
  images: anyKind(imagesKind),
  toy: anyKind(toyKind),
};
