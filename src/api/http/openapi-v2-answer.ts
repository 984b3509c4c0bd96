import { createHash } from "node:crypto";
import type { Kind } from "../../model/kind.ts";
import type { Answer } from "./answer.ts";

/** A form of the document: its media type, and how it is made of the kinds served. */
export interface OpenApiV2Form {
  readonly contentType: string;
  make(kinds: readonly Kind[]): Promise<Uint8Array>;
}

/**
 * The OpenAPI v2 document of the kinds served. It is over a megabyte and rarely asked for, so it is not kept; its tag is, so that who polls for a
 * change of the definitions costs nothing while there is none, and those who ask at once share one making.
 */
export class OpenApiV2Answers {
  /** By the table of kinds, which is another one after each change. */
  readonly #tags = new WeakMap<readonly Kind[], Map<string, string>>();
  readonly #underWay = new WeakMap<readonly Kind[], Map<string, Promise<Uint8Array>>>();

  async answer(kinds: readonly Kind[], form: OpenApiV2Form, ifNoneMatch: string | undefined): Promise<Answer> {
    const tags = this.#tags.get(kinds) ?? new Map<string, string>();
    this.#tags.set(kinds, tags);
    const { contentType } = form;
    const known = tags.get(contentType);
    if (known !== undefined && ifNoneMatch?.includes(known) === true) return notModified(contentType, known);
    const body = await this.#make(kinds, form);
    const tag = known ?? `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"`;
    tags.set(contentType, tag);
    return ifNoneMatch?.includes(tag) === true ? notModified(contentType, tag) : { kind: "body", code: 200, contentType, body, headers: headersOf(tag) };
  }

  async #make(kinds: readonly Kind[], form: OpenApiV2Form): Promise<Uint8Array> {
    const underWay = this.#underWay.get(kinds) ?? new Map<string, Promise<Uint8Array>>();
    this.#underWay.set(kinds, underWay);
    const made = underWay.get(form.contentType) ?? form.make(kinds);
    underWay.set(form.contentType, made);
    try {
      return await made;
    } finally {
      underWay.delete(form.contentType);
    }
  }
}

function headersOf(etag: string): Readonly<Record<string, string>> {
  return { etag, vary: "Accept" };
}

function notModified(contentType: string, tag: string): Answer {
  return { kind: "body", code: 304, contentType, body: new Uint8Array(0), headers: headersOf(tag) };
}
