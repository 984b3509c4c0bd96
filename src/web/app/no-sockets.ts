// Stands for node:net in the page: the kinds' validation, which the page carries along but never asks, reads addresses with it.

/** Never asked in the page. */
export function isIPv4(): never {
  throw new Error("the page validates no addresses");
}

/** Never asked in the page. */
export function isIPv6(): never {
  throw new Error("the page validates no addresses");
}
