/** Real browsers for tests: those of the system, without a window. Tests that use one are in a `describeWith`. */
import { chromium as playwrightChromium, type Browser as ChromiumBrowser } from "playwright-core";
import { launch, type Browser as FirefoxBrowser } from "puppeteer-core";
import { chromium, firefox } from "./programs.ts";

/** V8 in a page. CI runs as root, for whom Chromium's sandbox does not start. */
export const openChromium = (...args: readonly string[]): Promise<ChromiumBrowser> =>
  playwrightChromium.launch({ executablePath: chromium.path, args: ["--no-sandbox", ...args] });

/** Lets Chromium take its driver for CPUs, SwiftShader, as a WebGPU adapter; without it there is none on a machine without a GPU. */
export const withSoftwareAdapter = "--enable-unsafe-webgpu";

/** SpiderMonkey in a page. */
export const openFirefox = (): Promise<FirefoxBrowser> =>
  launch({ browser: "firefox", protocol: "webDriverBiDi", executablePath: firefox.path });
