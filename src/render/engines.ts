import type { TemplateEngine } from "./engine.ts";
import { handlebarsEngine } from "./engines/handlebars.ts";

/** Every template language of charts. Adding one = a file in `engines/`, a line here. */
export const engines: readonly TemplateEngine[] = [handlebarsEngine];
