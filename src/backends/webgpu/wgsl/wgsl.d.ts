/** A shader's text, embedded by the bundler and by the test runner. */
declare module "*.wgsl" {
  const text: string;
  export default text;
}
