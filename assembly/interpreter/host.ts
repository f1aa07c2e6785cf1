/** What the interpreter asks of the host. */

/** Sleeps until somebody wakes the word at `address`, it is not `value`, or some time has passed. */
// @ts-ignore: decorator
@external("env", "park")
export declare function park(address: usize, value: i32): void;

/** Carries out callback number `callback` on `count` buffers whose addresses begin at `addresses`. */
// @ts-ignore: decorator
@external("env", "callHost")
export declare function callHost(callback: i32, addresses: usize, count: i32): void;

/** Milliseconds of a clock that never goes back. */
// @ts-ignore: decorator
@external("env", "now")
export declare function now(): f64;
