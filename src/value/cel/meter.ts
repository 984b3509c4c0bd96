import { isNode } from "./engine.ts";
import type { Evaluate, Node } from "./engine.ts";
import { authorizerCheck, authorizerCheckCost } from "./libraries/authorizer.ts";
import { isPlainObject } from "./plain-object.ts";
import { callCost, comparisonCost, concatenationCost, membershipCost, sizeOf } from "./sizes.ts";

/** Thrown where an evaluation has spent what it may. */
export class BudgetSpent extends Error {}

/** One for all: what is thrown a hundred thousand times must not be made as often. */
const spent = new BudgetSpent("operation cancelled: actual cost limit exceeded");

/** What an error costs that the language forgives: it takes as long as some hundred steps, most of it to find where it happened. */
const errorCost = 200;

/** Characters of an expression that are read in a step to say where in it an error happened: the package reads them one by one. */
const lettersPerStep = 12;

/** Counts what an evaluation costs, in steps of some 0.1 microseconds. One evaluation runs at a time: it never waits; but one may be run within another. */
export class Meter {
  #left = 0;
  #isSpent = false;
  #isRunning = false;

  /** Runs an evaluation with a budget, within what is left of the one it is run in. Answers what it cost, however it ended. */
  measure(budget: number, evaluation: () => void): { readonly cost: number; readonly isSpent: boolean } {
    const outer = this.#isRunning ? { left: this.#left } : undefined;
    const allowed = Math.max(0, outer === undefined ? budget : Math.min(budget, outer.left));
    this.#left = allowed;
    this.#isSpent = false;
    this.#isRunning = true;
    evaluation();
    const cost = allowed - Math.max(0, this.#left);
    const ended = this.#isSpent;
    this.#isRunning = outer !== undefined;
    this.#left = outer === undefined ? 0 : outer.left - cost;
    // What spent a whole budget within another has spent that as well where it was no less.
    this.#isSpent = ended && outer !== undefined && allowed === outer.left;
    return { cost, isSpent: ended };
  }

  /** True once more was asked for than there was, even where the language forgives the error of it, as `||` does. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    this.#isSpent = true;
    throw spent;
  }

  /** Ends what would go on with other items after its budget was spent. */
  check(): void {
    if (this.#isSpent) throw spent;
  }
}

/**
 * Makes an expression count what it costs: one for each node, counted where a loop's body begins; of calls and operators in proportion to what they read
 * and make; and of errors that the language forgives. Answers what of it is run once costs.
 */
export function meterNodes(root: Node, meter: Meter, letters: number): number {
  return new Metering(meter, errorCost + Math.floor(letters / lettersPerStep)).once(root);
}

class Metering {
  readonly #meter: Meter;
  readonly #errorCost: number;

  constructor(meter: Meter, costOfError: number) {
    this.#meter = meter;
    this.#errorCost = costOfError;
  }

  /** The cost of a node and of all that is evaluated once with it; those that cost more as they are evaluated are told to. */
  once(value: unknown): number {
    if (!isNode(value)) {
      let sum = 0;
      if (Array.isArray(value) || isPlainObject(value)) for (const part of Object.values(value) as readonly unknown[]) sum += this.once(part);
      return sum;
    }
    const { alternate, macro } = value.meta;
    // What a macro made of its call is evaluated instead of it.
    if (alternate !== undefined) return this.once(alternate);
    if (value.op === "comprehension") return this.#loop(value);
    this.#meterOperands(value);
    if (macro !== undefined) return 1 + this.once(partsOf(macro));
    if (value.op === "&&" || value.op === "||") this.#meterSides(value);
    return costOf(value) + this.once(value.args);
  }

  /** A loop pays for its body each time it is evaluated. */
  #loop({ args }: Node): number {
    if (!isLoop(args)) return 1;
    const { iterable, init, step, condition } = args;
    const each = 1 + this.once(step);
    const meter = this.#meter;
    this.#wrap(step, (evaluate) => (evaluator, node, context) => { meter.spend(each); return evaluate(evaluator, node, context); });
    // A quantifier forgives errors, those of a budget too, and goes on with its next item: it is asked before each whether it may.
    if (args.kind === "quantifier") this.#meterErrors(step);
    if (condition !== undefined) args.condition = (value) => { meter.check(); return condition(value); };
    return 1 + this.once(iterable) + this.once(init);
  }

  /** An operator that forgives the error of its left side goes on with its right. */
  #meterSides({ args }: Node): void {
    const [left, right]: readonly unknown[] = Array.isArray(args) ? args : [];
    const meter = this.#meter;
    this.#meterErrors(left);
    this.#wrap(right, (evaluate) => (evaluator, node, context) => { meter.check(); return evaluate(evaluator, node, context); });
  }

  /** Makes the errors of a node cost something: whoever evaluates it may forgive them. */
  #meterErrors(node: unknown): void {
    const meter = this.#meter;
    const cost = this.#errorCost;
    this.#wrap(node, (evaluate) => (evaluator, self, context) => {
      try {
        return evaluate(evaluator, self, context);
      } catch (error) {
        if (error !== spent) meter.spend(cost);
        throw error;
      }
    });
  }

  #wrap(node: unknown, wrap: (evaluate: Evaluate) => Evaluate): void {
    if (!isNode(node)) return;
    node.evaluate = wrap(Object.hasOwn(node, "evaluate") ? node.evaluate : evaluationOf(node));
  }

  /** Operators and calls pay for what they are given. */
  #meterOperands(node: Node): void {
    const { handle } = node;
    if (handle === undefined) return;
    const meter = this.#meter;
    const cost = operatorCosts.get(node.op);
    if (cost !== undefined) {
      node.handle = (left, right, ...rest) => {
        const given = cost(left, right);
        if (given > 0) meter.spend(given);
        return handle(left, right, ...rest);
      };
    } else if (node.op === "call" || node.op === "rcall") {
      const name = Array.isArray(node.args) ? String(node.args[0]) : "";
      node.handle = (given, ...rest) => {
        const read = callCost(name, Array.isArray(given) ? given : []);
        if (read > 0) meter.spend(read);
        const made = handle(given, ...rest);
        const size = sizeOf(made);
        if (size > 0) meter.spend(size);
        return made;
      };
    }
  }
}

/** What the package keeps of a loop. */
interface Loop {
  readonly iterable: unknown;
  readonly init: unknown;
  readonly step: unknown;
  readonly kind?: unknown;
  condition?: (value: unknown) => unknown;
}

function isLoop(value: unknown): value is Loop {
  return isPlainObject(value) && "iterable" in value && "step" in value;
}

/** Operators whose cost grows with what they are given. */
const operatorCosts: ReadonlyMap<string, (left: unknown, right: unknown) => number> = new Map([
  ["in", membershipCost], ["+", concatenationCost], ...["==", "!=", "<", "<=", ">", ">="].map((op) => [op, comparisonCost] as const),
]);

/** How a node is evaluated, before anybody counts. */
function evaluationOf({ meta }: Node): Evaluate {
  const { alternate, macro } = meta;
  if (alternate !== undefined) return (evaluator, _node, context) => alternate.evaluate(evaluator, alternate, context);
  if (macro !== undefined) return (evaluator, _node, context) => macro.evaluate(evaluator, macro, context);
  return meta.evaluate;
}

/** What of a macro is evaluated: its arguments, or the value and the expression it binds. */
function partsOf(macro: object): unknown {
  const { ast: _call, macroHasProps: _props, ...parts } = macro as Readonly<Record<string, unknown>>;
  return parts;
}

/** Steps it takes to make a map, beside those of its entries. */
const mapCost = 15;

function costOf({ op, args }: Node): number {
  if (op === "rcall" && Array.isArray(args) && args[0] === authorizerCheck) return authorizerCheckCost;
  return op === "map" ? mapCost : 1;
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
    } else if (Array.isArray(value) || isPlainObject(value)) {
      // Macros and comprehensions are plain objects; what else hangs on a node is not part of the tree.
      open.push(...Object.values(value));
    }
  }
}
