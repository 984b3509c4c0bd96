import { findKind } from "../../../src/model/kinds.ts";
import { apiVersionOf } from "../../../src/model/kind.ts";
import type { Kind } from "../../../src/model/kind.ts";
import { fieldsOf, formsOf, shapeOf } from "../../../src/model/schema.ts";
import type { Field } from "../../../src/model/schema.ts";
import type { Json, JsonObject } from "../../../src/value/json.ts";
import type { Chance } from "../../../src/world/chance.ts";

/** The ways to patch that kubectl knows without a server. */
export type PatchType = "strategic" | "merge" | "json";

/** Kinds whose schemas hold every form of list, map and strategy between them. */
const subjects: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Pod"], ["apps/v1", "Deployment"], ["v1", "Service"], ["v1", "ServiceAccount"], ["v1", "Node"], ["v1", "ConfigMap"], ["batch/v1", "CronJob"], ["apps/v1", "StatefulSet"],
  ["networking.k8s.io/v1", "Ingress"], ["networking.k8s.io/v1", "NetworkPolicy"], ["policy/v1", "PodDisruptionBudget"], ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"], ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"], ["v1", "PersistentVolumeClaim"], ["storage.k8s.io/v1", "CSINode"],
];

/** Members of one object: few, so that two objects and a patch meet often. */
const membersMax = 4;
/** Objects nest no deeper below the root. */
const depthMax = 7;

/** One patch and the objects it is tried on. */
export interface PatchRound {
  readonly kind: Kind;
  readonly type: PatchType;
  readonly objects: readonly JsonObject[];
  readonly patch: Json;
}

/** Draws objects of one kind and a patch for them; the same chance draws the same. */
export function drawRound(chance: Chance, type: PatchType, objectCount: number): PatchRound {
  const draw = new Draw(chance);
  const [apiVersion, name] = draw.one(subjects);
  const kind = findKind(apiVersion, name);
  if (kind === undefined) throw new Error(`no kind ${apiVersion} ${name}`);
  const objects = Array.from({ length: objectCount }, () => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...draw.object(kind.message, 0) }));
  const bodies = { strategic: () => draw.patchOf(kind.message, 0), merge: () => draw.mergePatchOf(kind.message, 0), json: () => draw.operations(objects) };
  return { kind, type, objects, patch: bodies[type]() };
}

/** Values by the schema. Names and numbers come from small pools; types of scalars are kept, as no patch of a typed object could change them. */
class Draw {
  readonly #chance: Chance;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  one<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#chance.fraction() * items.length)];
    if (item === undefined) throw new Error("nothing to draw from");
    return item;
  }

  object(message: string, depth: number): JsonObject {
    return Object.fromEntries(this.#fields(message, depth).flatMap(([name, field]) => {
      const value = this.#value(field.type, depth + 1, field.mergeKey);
      return value === undefined ? [] : [[name, value] as const];
    }));
  }

  /** A strategic merge patch: values, nulls and directives. */
  patchOf(message: string, depth: number): JsonObject {
    const patch: Record<string, Json> = {};
    for (const [name, field] of this.#fields(message, depth)) Object.assign(patch, this.#member(name, field, depth + 1));
    const settable = Object.keys(patch).filter((name) => !name.startsWith("$"));
    if (depth > 0 && this.#odds(0.08)) patch["$retainKeys"] = this.#odds(0.2) ? settable.slice(1) : [...settable, ...this.#fields(message, depth).map(([name]) => name)];
    if (depth > 0 && this.#odds(0.05)) patch["$patch"] = this.one(["replace", "delete", "merge", "explode"]);
    return patch;
  }

  mergePatchOf(message: string, depth: number): JsonObject {
    return Object.fromEntries(this.#fields(message, depth).flatMap(([name, field]) => {
      const shape = shapeOf(field.type);
      const value = this.#odds(0.2) ? null : shape.kind === "message" && formsOf(shape.message) === undefined ? this.mergePatchOf(shape.message, depth + 1) : this.#value(field.type, depth + 1, field.mergeKey);
      return value === undefined ? [] : [[name, value] as const];
    }));
  }

  /** A JSON patch whose places mostly exist in the first object. */
  operations(objects: readonly JsonObject[]): Json {
    const places = ["/metadata", ...objects.slice(0, 2).flatMap((object) => pointersOf(object, "")).filter((place) => !["", "/apiVersion", "/kind"].includes(place))];
    const value = () => this.one<Json>(["x", 7, true, null, { a: "1" }, ["p", "q"], []]);
    return Array.from({ length: 1 + Math.floor(this.#chance.fraction() * 2) }, () => {
      const path = `${this.one(places)}${this.#odds(0.2) ? this.one(["/-", "/0", "/1", "/01", "/-1", "/new", "/a~1b"]) : ""}`;
      const op = this.one(["add", "remove", "replace", "copy", "move", "test"]);
      return { op, path, ...(op === "copy" || op === "move" ? { from: this.one(places) } : {}), ...(op === "add" || op === "replace" || op === "test" ? { value: value() } : {}) };
    });
  }

  #member(name: string, field: Field, depth: number): Record<string, Json> {
    if (this.#odds(0.12)) return { [name]: null };
    const shape = shapeOf(field.type);
    if (shape.kind === "message" && formsOf(shape.message) === undefined) return depth > depthMax ? {} : { [name]: this.patchOf(shape.message, depth) };
    if (shape.kind === "map") return { [name]: this.#mapPatch(field, depth) };
    if (shape.kind === "list" && field.mergeKey !== undefined) return this.#keyedPatch(name, { item: shape.item, key: field.mergeKey }, depth);
    const value = this.#value(field.type, depth, field.mergeKey);
    if (value === undefined) return {};
    if (!Array.isArray(value) || field.patchStrategy === undefined) return { [name]: value };
    return this.#primitivePatch(name, value);
  }

  #mapPatch(field: Field, depth: number): Json {
    const value = this.#value(field.type, depth) ?? {};
    const entries = Object.entries(value as JsonObject).map(([name, member]) => [name, this.#odds(0.3) ? null : member ?? null] as const);
    return { ...Object.fromEntries(entries), ...(this.#odds(0.15) ? { $patch: this.one(["replace", "delete", "merge"]) } : {}) };
  }

  #primitivePatch(name: string, items: readonly Json[]): Record<string, Json> {
    const order = this.#odds(0.4) ? { [`$setElementOrder/${name}`]: this.#odds(0.8) ? [...new Set([...items, ...this.#strings()])] : this.#shuffled(items) } : {};
    // Without an order, upstream adds and deletes in no order of its own.
    const gone = this.#odds(0.3) ? { [`$deleteFromPrimitiveList/${name}`]: names.filter((item) => (Object.keys(order).length > 0 || !items.includes(item)) && this.#odds(0.6)) } : {};
    return { ...(this.#odds(0.8) ? { [name]: items } : {}), ...gone, ...order };
  }

  #keyedPatch(name: string, { item, key }: { readonly item: string; readonly key: string }, depth: number): Record<string, Json> {
    if (depth > depthMax) return {};
    const keys = this.#keysOf(item, key);
    const patches = keys.map((value): JsonObject => ({
      ...(this.#odds(0.25) ? {} : this.patchOf(item, depth)), ...(this.#odds(0.98) ? { [key]: value } : {}), ...(this.#odds(0.15) ? { $patch: this.one(["delete", "delete", "replace", "merge"]) } : {}),
    }));
    const items = this.#odds(0.06) ? [...patches, { $patch: "replace" }] : patches;
    const ordered = this.#odds(0.3) ? this.#shuffled([...keys, ...this.#keysOf(item, key)]) : [...keys, ...this.#keysOf(item, key)];
    const order = this.#odds(0.4) ? { [`$setElementOrder/${name}`]: [...new Set(ordered)].map((value) => ({ [key]: value })) } : {};
    return { ...(this.#odds(0.85) ? { [name]: items } : {}), ...order };
  }

  #value(type: string, depth: number, mergeKey?: string): Json | undefined {
    const shape = shapeOf(type);
    switch (shape.kind) {
      case "scalar": return this.#scalar(shape.scalar);
      case "map": return Object.fromEntries(this.#strings().map((name) => [name, this.#value(shape.item, depth + 1) ?? "x"]));
      case "message": return depth > depthMax || formsOf(shape.message) !== undefined ? undefined : this.object(shape.message, depth);
      case "list": {
        if (mergeKey !== undefined) return depth > depthMax ? undefined : this.#keysOf(shape.item, mergeKey).map((value) => ({ ...this.object(shape.item, depth), [mergeKey]: value }));
        const items = this.#strings().map(() => this.#value(shape.item, depth + 1)).filter((item) => item !== undefined);
        return shapeOf(shape.item).kind === "scalar" ? [...new Set(items)] : items;
      }
    }
  }

  #scalar(scalar: string): Json | undefined {
    switch (scalar) {
      case "int32": case "int64": case "double": return this.one([1, 2, 3]);
      case "bool": return this.one([true, false]);
      case "intOrString": return this.one<Json>([1, "a"]);
      case "rawExtension": case "json": return undefined;
      default: return this.one(names);
    }
  }

  /** Values of a merge key, each once. */
  #keysOf(item: string, key: string): readonly Json[] {
    const type = fieldsOf(item).get(key)?.type ?? "string";
    return [...new Set(this.#strings().map(() => this.#scalar(type) ?? "a"))];
  }

  #fields(message: string, depth: number): readonly (readonly [string, Field])[] {
    const all = [...fieldsOf(message)].filter(([name]) => name !== "apiVersion" && name !== "kind" && name !== "managedFields");
    const favourites = all.filter(([name, field]) => depth < 2 && (name === "spec" || name === "metadata" || name === "template" || field.patchStrategy !== undefined));
    const drawn = Array.from({ length: all.length === 0 ? 0 : Math.floor(this.#chance.fraction() * membersMax) }, () => this.one(all));
    return [...new Map([...favourites.filter(() => this.#odds(0.8)), ...drawn])];
  }

  #strings(): readonly string[] {
    return [...new Set(Array.from({ length: Math.floor(this.#chance.fraction() * 4) }, () => this.one(names)))];
  }

  #shuffled<T>(items: readonly T[]): readonly T[] {
    return items.map((item) => [this.#chance.fraction(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item);
  }

  #odds(share: number): boolean {
    return this.#chance.fraction() < share;
  }
}

const names = ["a", "b", "c", "d"] as const;

function pointersOf(value: Json, at: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [at];
  const below = Array.isArray(value) ? value.map((item: Json, index) => pointersOf(item, `${at}/${index}`)) : Object.entries(value as JsonObject).map(([name, member]) => pointersOf(member ?? null, `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`));
  return [at, ...below.flat()];
}
