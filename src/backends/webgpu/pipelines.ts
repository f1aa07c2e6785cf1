import { BackendError } from "../../core/errors.ts";
import type { Dispatch } from "./dispatch-list.ts";
import { libraryFor } from "./wgsl/library.ts";
import { kernelText, workgroupSizeOf } from "./wgsl/kernel-text.ts";

/** The compiled kernels of a device, and the layouts by which they are bound. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #guarded: boolean;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  readonly #layouts = new Map<number, GPUBindGroupLayout>();
  /** Texts of kernels whose compilation nobody has asked about yet. */
  #unchecked: { readonly name: string; readonly text: string; readonly module: GPUShaderModule }[] =
    [];

  constructor(device: GPUDevice, guarded: boolean) {
    this.#device = device;
    this.#guarded = guarded;
  }

  get count(): number {
    return this.#pipelines.size;
  }

  /** How many windows of the arena are bound behind the table of parameters. */
  layout(windows: number): GPUBindGroupLayout {
    const known = this.#layouts.get(windows);
    if (known) return known;
    const visibility = GPUShaderStage.COMPUTE;
    const arenas = Array.from({ length: windows }, (_, i) => ({
      binding: i + 1,
      visibility,
      buffer: { type: "storage" } as const,
    }));
    const made = this.#device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
        ...arenas,
      ],
    });
    this.#layouts.set(windows, made);
    return made;
  }

  /** The kernel of a dispatch that reaches its operands through windows. */
  pipeline({ kernel, constants }: Dispatch, windows: readonly number[]): GPUComputePipeline {
    const key = `${kernel.name}(${constants.join(",")})[${windows.join(",")}]`;
    const known = this.#pipelines.get(key);
    if (known) return known;
    const functions = libraryFor(kernel.body, this.#guarded);
    const text = kernelText(kernel, { constants, windows }, functions);
    const size = workgroupSizeOf(kernel, constants);
    const { maxComputeInvocationsPerWorkgroup: most } = this.#device.limits;
    if (size > most) {
      throw new BackendError("a kernel has larger workgroups than the device", {
        where: kernel.name,
        expected: `at most ${most} threads`,
        got: String(size),
      });
    }
    const module = this.#device.createShaderModule({ code: text, label: kernel.name });
    this.#unchecked.push({ name: kernel.name, text, module });
    const layout = this.#device.createPipelineLayout({
      bindGroupLayouts: [this.layout(Math.max(0, ...windows) + 1)],
    });
    const made = this.#device.createComputePipeline({
      layout,
      label: key,
      compute: { module, entryPoint: "main" },
    });
    this.#pipelines.set(key, made);
    return made;
  }

  /** What the compiler says of the texts since the last call: the first error, with the lines around it. */
  async firstError(): Promise<string | undefined> {
    const recent = this.#unchecked;
    this.#unchecked = [];
    for (const { name, text, module } of recent) {
      const { messages } = await module.getCompilationInfo();
      const error = messages.find(({ type }) => type === "error");
      if (!error) continue;
      const lines = text.split("\n");
      const first = Math.max(0, error.lineNum - 3);
      const around = lines
        .slice(first, error.lineNum + 2)
        .map(
          (line, i) => `${first + i + 1 === error.lineNum ? ">" : " "} ${first + i + 1}  ${line}`,
        );
      return `${name}.wgsl, line ${error.lineNum}: ${error.message}\n${around.join("\n")}`;
    }
    return undefined;
  }
}
