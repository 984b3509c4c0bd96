import type { TemplateEngine } from "./engine.ts";
import { goTemplateEngine } from "./engines/go-template.ts";
import { handlebarsEngine } from "./engines/handlebars.ts";

/** Every template language of charts, the first that reads a chart's templates renders it. Adding one = a file in `engines/`, a line here. */
export const engines: readonly TemplateEngine[] = [handlebarsEngine, goTemplateEngine];
