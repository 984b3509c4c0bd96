import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { Block } from "../text.ts";
import { countOf, textOf } from "../template-value.ts";

/** Widest indentation: wider is a mistake, and a way to blow up memory. */
const indentMax = 200;

/** Functions that answer blocks of text: they may add lines. */
export const blockFunctions: readonly TemplateFunction[] = [
  {
    name: "indent", usage: "indent WIDTH TEXT", min: 2, max: 2, takesBlocks: true,
    run: ([width, text]) => new Block(indentLines(width, text)),
  },
  {
    name: "nindent", usage: "nindent WIDTH TEXT", min: 2, max: 2, takesBlocks: true,
    run: ([width, text]) => new Block(`\n${indentLines(width, text)}`),
  },
  {
    name: "include", usage: "include NAME [CONTEXT]", min: 1, max: 2,
    run: ([name, context], call) => call.include(textOf(name), context),
  },
  {
    // A text from values stays a guarded text; only a block (toYaml …) may come back as one.
    name: "tpl", usage: "tpl TEXT [CONTEXT]", min: 1, max: 2, takesBlocks: true,
    run([text, context], call) {
      const isBlock = text instanceof Block;
      const result = call.renderText(isBlock ? call.plainText(text) : textOf(text), context);
      return isBlock ? result : call.plainText(result);
    },
  },
];

function indentLines(width: TemplateValue, text: TemplateValue): string {
  const pad = " ".repeat(countOf(width, indentMax));
  return pad + textOf(text).replaceAll("\n", `\n${pad}`);
}
