import { isNode } from "./engine.ts";
import type { Node } from "./engine.ts";
import { authorizerCheck, authorizerCheckCost } from "./libraries/authorizer.ts";

/** Thrown where an evaluation has spent what it may. */
export class BudgetSpent extends Error {}

/** Characters of a text, or items of a list, that cost as much as one step. */
const sizePerStep = 10;

/** Counts what an evaluation costs. One evaluation runs at a time: it never waits. */
export class Meter {
  #left = 0;
  #isSpent = false;

  begin(budget: number): void {
    this.#left = budget;
    this.#isSpent = false;
  }

  get left(): number {
    return Math.max(0, this.#left);
  }

  /** True once more was asked for than there was, even where the language forgives the error of it, as `||` does. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    this.#isSpent = true;
    throw new BudgetSpent("operation cancelled: actual cost limit exceeded");
  }
}

/** Makes every step of an expression cost one, and every large value it makes in proportion to its size. */
export function meterNodes(root: Node, meter: Meter): void {
  eachNode(root, (node) => {
    const own = costOf(node);
    node.evaluate = (evaluator, _node, context) => {
      meter.spend(own);
      const { alternate, macro, evaluate } = node.meta;
      const value = alternate !== undefined ? alternate.evaluate(evaluator, alternate, context)
        : macro !== undefined ? macro.evaluate(evaluator, macro, context) : evaluate(evaluator, node, context);
      const size = isReadWhole(node.op) ? sizeOf(value) : 0;
      if (size > sizePerStep) meter.spend(Math.floor(size / sizePerStep));
      return value;
    };
  });
}

function costOf({ op, args }: Node): number {
  return op === "rcall" && Array.isArray(args) && args[0] === authorizerCheck ? authorizerCheckCost : 1;
}

/** What a text or list is taken for will walk through it, except where a loop adds to its result. */
function isReadWhole(op: string): boolean {
  return !op.startsWith("accu");
}

function sizeOf(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array ? value.length : 0;
}

/** Calls `visit` with every node of a tree once, what macros made of it among them. */
export function eachNode(root: Node, visit: (node: Node) => void): void {
  const seen = new Set<object>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isNode(value)) {
      visit(value);
      open.push(value.args, value.meta.alternate, value.meta.macro);
    } else if (Array.isArray(value) || isPlain(value)) {
      open.push(...Object.values(value));
    }
  }
}

/** Macros and comprehensions are plain objects; what else hangs on a node is not part of the tree. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}
