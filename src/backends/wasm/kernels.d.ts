/** The compiled kernels, embedded by the bundler and by the test runner as a base64 string. */
declare module "*.wasm" {
  const base64: string;
  export default base64;
}
