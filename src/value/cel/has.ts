import { isNode } from "./engine.ts";
import type { Node } from "./engine.ts";
import { eachNode } from "./meter.ts";

/**
 * Lets `has` ask for a field of anything, as cel-go does: the package takes only names and their fields, and refuses `has(self.list[0].field)`.
 * What is no field stays refused.
 */
export function widenHas(root: Node): void {
  eachNode(root, ({ op, args, meta: { macro } }) => {
    if (op !== "call" || !Array.isArray(args) || args[0] !== "has" || macro?.typeCheck === undefined) return;
    const given: readonly unknown[] = Array.isArray(args[1]) ? args[1] : [];
    const fields = fieldsOf(given[0]);
    if (fields.length < 2 || isNamed(fields.at(-1))) return;
    macro.typeCheck = (checker, self, context) => {
      checker.check(fields.at(-1), context);
      self.macroHasProps = fields;
      return checker.getType("bool");
    };
  });
}

/** The selections of an expression from the last to the first, and behind them what they select from. */
function fieldsOf(expression: unknown): readonly unknown[] {
  const fields: unknown[] = [];
  let node = expression;
  while (isNode(node) && (node.op === "." || node.op === ".?") && Array.isArray(node.args)) {
    fields.push(node);
    node = node.args[0];
  }
  return [...fields, node];
}

/** True for a plain name, of which the package takes care. */
function isNamed(node: unknown): boolean {
  return isNode(node) && node.op === "id";
}
