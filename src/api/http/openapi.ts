import { createHash } from "node:crypto";
import type { Kind } from "../../model/kind.ts";
import type { ServedKinds } from "../../model/kind-table.ts";
import type { JsonObject } from "../../value/json.ts";
import { bytesOf } from "./answer.ts";
import { groupVersionsOf } from "./discovery.ts";
import { takeInTurns, turn } from "../in-turns.ts";

/** An OpenAPI document as it is sent. */
export interface OpenApiDocument {
  /** `api/v1`, `apis/apps/v1`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Changes with the content. */
  readonly hash: string;
}

interface BuiltDocument extends OpenApiDocument {
  readonly kinds: readonly Kind[];
}

/** The OpenAPI v3 documents of all groups, built at their first use, one in a turn, and kept in step with the kinds served. */
export class OpenApiDocuments {
  readonly #served: Pick<ServedKinds, "all">;
  readonly #version: string;
  #kinds: readonly Kind[] | undefined;
  #documents: Promise<readonly BuiltDocument[]> = Promise.resolve([]);

  constructor(served: Pick<ServedKinds, "all">, version: string) {
    this.#served = served;
    this.#version = version;
  }

  /** `/openapi/v3`. */
  async index(): Promise<JsonObject> {
    const documents = await this.#all();
    return { paths: Object.fromEntries(documents.map(({ path, hash }) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }])) };
  }

  async find(path: string): Promise<OpenApiDocument | undefined> {
    const documents = await this.#all();
    return documents.find((document) => document.path === path);
  }

  #all(): Promise<readonly BuiltDocument[]> {
    const { all } = this.#served;
    if (all !== this.#kinds) {
      this.#kinds = all;
      this.#documents = this.#build(all, this.#documents);
    }
    return this.#documents;
  }

  /** Only what a definition changed is built anew. */
  async #build(all: readonly Kind[], before: Promise<readonly BuiltDocument[]>): Promise<readonly BuiltDocument[]> {
    // The texts of `kubectl explain` are some 200 kB: a daemon that nobody asks does without them.
    const { openApiTextSteps } = await import("./openapi-document.ts");
    const built = await before.catch(() => []);
    const documents: BuiltDocument[] = [];
    for (const { group, version, kinds } of groupVersionsOf(all)) {
      const path = group === "" ? `api/${version}` : `apis/${group}/${version}`;
      const known = built.find((document) => document.path === path);
      if (known !== undefined && known.kinds.length === kinds.length && kinds.every((kind, index) => kind === known.kinds[index])) {
        documents.push(known);
        continue;
      }
      const bytes = bytesOf(await takeInTurns(openApiTextSteps(kinds, this.#version)));
      await turn();
      documents.push({ path, kinds, bytes, hash: createHash("sha256").update(bytes).digest("hex").toUpperCase() });
    }
    return documents;
  }
}
