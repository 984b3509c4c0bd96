import type { EngineFacts, EngineScope } from "../engine.ts";
import type { CallContext, TemplateValue } from "../functions.ts";
import type { GoMap } from "../template/value.ts";
import type { Block } from "../text.ts";
import type { JsonObject } from "../../value/json.ts";
import type { RenderSession } from "./_session.ts";
import { parseSite } from "./_site.ts";

/** What a render can do for the functions its templates call. */
export interface CallAbilities {
  readonly input: EngineScope;
  readonly session: RenderSession;
  readonly facts: EngineFacts;
  include(name: string, context: unknown, site: string): Block;
  renderText(text: string, context: unknown, site: string): Block;
}

/** What one call may ask. A class, since there is one for every call. */
export class Call implements CallContext {
  readonly #render: CallAbilities;
  readonly #name: string;
  readonly #site: string;

  constructor(render: CallAbilities, name: string, site: string) {
    this.#render = render;
    this.#name = name;
    this.#site = site;
  }

  get files(): JsonObject {
    return this.#render.input.objects.Files;
  }

  get nowMs(): number {
    return this.#render.facts.nowAt(callSite(this.#name, this.#site));
  }

  include(partial: string, scope?: TemplateValue): Block {
    return this.#render.include(partial, scope, this.#site);
  }

  renderText(text: string, scope?: TemplateValue): Block {
    return this.#render.renderText(text, scope, this.#site);
  }

  plainText(block: Block): string {
    return this.#render.session.plainText(block);
  }

  randomBytes(_functionName: string, count: number): Uint8Array {
    return this.#render.facts.randomBytes(callSite(this.#name, this.#site), count);
  }

  lookup(apiVersion: string, kind: string, namespace: string, name: string): GoMap {
    return this.#render.facts.lookup(apiVersion, kind, namespace, name);
  }
}

/** The name of a call site: its file and the call as written, so that lines may move without a new password being made. */
function callSite(name: string, site: string): string {
  const { place, texts } = parseSite(site);
  return `${place.file}: ${[name, ...texts].join(" ")}`;
}
