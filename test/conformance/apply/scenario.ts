import { testApi } from "../../api/api.ts";
import type { TestApi } from "../../api/api.ts";
import { isApiError } from "../../../src/model/api-error.ts";
import type { Kind } from "../../../src/model/kind.ts";
import { apiVersionOf } from "../../../src/model/kind.ts";
import { CustomResourceDefinitionKind } from "../../../src/model/kinds/api-extensions.ts";
import type { CustomResourceDefinition } from "../../../src/model/generated/apiextensions-v1.ts";
import { pathsOf, printFieldPath } from "../../../src/model/managed-fields/field-set.ts";
import { readManagedFields } from "../../../src/model/managed-fields/managers.ts";
import { isEqual } from "../../../src/value/equal.ts";
import { isJsonObject } from "../../../src/value/json.ts";
import type { Json, JsonObject } from "../../../src/value/json.ts";
import { applyMergePatch } from "../../../src/value/merge-patch.ts";
import { widgets } from "./widgets.ts";

/** One write of one object. Names, kind and version are filled in; `version` names another of the definition's. */
export interface Step {
  readonly as: string;
  readonly verb: "apply" | "merge" | "strategic" | "put" | "create";
  readonly body: JsonObject;
  readonly isForced?: boolean;
  readonly part?: "status" | "scale";
  readonly isDryRun?: boolean;
  readonly version?: string;
}

/** Writes, and what holds after the last of them. */
export interface Scenario {
  /** `ConfigMap`, `Widget` and the like. */
  readonly kind: string;
  readonly steps: readonly Step[];
  /** Members the object has, lists whole; null for one it has not. */
  readonly has?: JsonObject;
  /** Every manager (`a` who applies, `a*` who updates, `a/status`) and the fields it owns, apart by spaces; `…` for any. */
  readonly owners?: Readonly<Record<string, string>>;
  /** What the last write was refused with. */
  readonly refused?: string | RegExp;
}

type Options = Pick<Step, "isForced" | "part" | "isDryRun" | "version">;

/** A server-side apply. */
export function apply(as: string, body: JsonObject, options: Options = {}): Step {
  return { as, verb: "apply", body, ...options };
}

/** An update that changes some members: to a manager the same as a PUT of the whole. */
export function update(as: string, body: JsonObject, options: Options = {}): Step {
  return { as, verb: "merge", body, ...options };
}

/** A create of the whole object. */
export function create(as: string, body: JsonObject): Step {
  return { as, verb: "create", body };
}

/** A PUT of the object as it is with some members changed. */
export function put(as: string, body: JsonObject, options: Options = {}): Step {
  return { as, verb: "put", body, ...options };
}

/** What came of the steps. */
export interface Ending {
  /** Undefined where there is none. */
  readonly object: JsonObject | undefined;
  /** What the last apply or update answered. */
  readonly answer: JsonObject | undefined;
  readonly refusal: string | undefined;
}

/** An API whose clock moves one second a step, with the kind `Widget` of two versions. */
export class Stage {
  readonly api: TestApi;
  #count = 0;

  private constructor(api: TestApi) {
    this.api = api;
  }

  static async open(): Promise<Stage> {
    const api = await testApi();
    const made = await api.client.create(CustomResourceDefinitionKind, widgets as unknown as CustomResourceDefinition);
    const { names } = made.spec;
    const time = "2026-01-01T00:00:00Z";
    const conditions = ["NamesAccepted", "Established"].map((type) => ({ type, status: "True", lastTransitionTime: time, reason: "Test", message: "" }));
    await api.client.updateStatus(CustomResourceDefinitionKind, { ...made, status: { ...made.status, acceptedNames: names, storedVersions: ["v1"], conditions } });
    return new Stage(api);
  }

  /** Runs a scenario on an object of its own. Only the last step may be refused. */
  async run(scenario: Scenario): Promise<Ending> {
    const name = `x-${this.#count += 1}`;
    let answer: JsonObject | undefined;
    let refusal: string | undefined;
    for (const step of scenario.steps) {
      if (refusal !== undefined) throw new Error(`a step before the last was refused: ${refusal}`);
      await this.api.world.clock.advance(1_000);
      try {
        answer = await this.#take(scenario.kind, name, step);
      } catch (error) {
        if (!isApiError(error)) throw error;
        refusal = error.message;
      }
    }
    return { object: await this.#read(scenario.kind, name), answer, refusal };
  }

  async #take(kindName: string, name: string, step: Step): Promise<JsonObject> {
    const kind = this.#kind(kindName, step.version);
    const { verbs, caller } = this.api;
    const ref = { namespace: "default", name };
    const options = { fieldManager: step.as, ...(step.part === undefined ? {} : { subresource: step.part }), ...(step.isDryRun === true ? { dryRun: true } : {}) };
    const named = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...step.body, metadata: { name, namespace: "default", ...(isJsonObject(step.body["metadata"]) ? step.body["metadata"] : {}) } };
    const patch = (type: "merge" | "strategic") => verbs.patch(caller, kind, ref, { type, body: step.body }, options);
    const takes = {
      apply: () => verbs.patch(caller, kind, ref, { type: "apply", body: step.part === "scale" ? { ...named, apiVersion: "autoscaling/v1", kind: "Scale" } : named, isForced: step.isForced === true }, options),
      merge: () => patch("merge"), strategic: () => patch("strategic"),
      create: () => verbs.create(caller, kind, "default", named, options),
      put: async () => verbs.update(caller, kind, ref, applyMergePatch(await this.#read(kindName, name, step.version) ?? {}, step.body) as JsonObject, options),
    };
    const { stored } = await takes[step.verb]();
    return asJson(stored.object());
  }

  async #read(kindName: string, name: string, version?: string): Promise<JsonObject | undefined> {
    const object = await this.api.client.get(this.#kind(kindName, version), { namespace: "default", name });
    return object === undefined ? undefined : asJson(object);
  }

  #kind(name: string, version?: string): Kind {
    const found = this.api.verbs.kinds.all.find((kind) => kind.kind === name && (version === undefined || kind.version === version));
    if (found === undefined) throw new Error(`no kind ${name} ${version ?? ""}`);
    return found;
  }
}

function asJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** Who owns what, as `Scenario.owners` says it. */
export function ownersOf(object: JsonObject | undefined): Readonly<Record<string, string>> {
  const metadata = object?.["metadata"];
  return Object.fromEntries(readManagedFields(isJsonObject(metadata) ? metadata["managedFields"] : undefined).map((entry) => {
    const manager = `${entry.name}${entry.operation === "Update" ? "*" : ""}${entry.subresource === "" ? "" : `/${entry.subresource}`}`;
    return [manager, pathsOf(entry.fields).map(printFieldPath).toSorted().join(" ")] as const;
  }));
}

/** True for a value that has every member wanted, lists whole. */
export function hasMembers(value: Json | undefined, wanted: Json): boolean {
  if (wanted === null) return value === undefined;
  if (!isJsonObject(wanted)) return isEqual(value, wanted);
  return isJsonObject(value) && Object.entries(wanted).every(([name, member]) => member === undefined || hasMembers(value[name], member));
}
