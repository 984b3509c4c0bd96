import type { JsonObject } from "../value/json.ts";
import type { Health } from "./health.ts";
import type { ApiObject } from "./object.ts";
import type { FieldError } from "./field-error.ts";
import type { FreeTexts } from "./free-texts.ts";
import type { Subresource } from "./subresource.ts";
import type { ObjectSchema } from "./object-schema.ts";

/** A column of `kubectl get`. `value` answers the cell as the API server's table has it. */
export interface Column<T extends ApiObject = ApiObject> {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number;
  readonly description?: string;
  value(object: T, nowMs: number): string | number | boolean | null;
}

/** How `kubectl scale` reaches into an object: field paths as in a CRD's scale subresource. */
export interface Scale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  /** The path of the label selector. */
  readonly selectorPath: string;
}

/** Answers the text a field selector compares with. Declared as a method so that `Kind<Pod>` is a `Kind`. */
export type FieldSelector<T> = { of(object: T): string }["of"];

/**
 * Everything the daemon knows of one kind, as data. Validation, defaulting, discovery, OpenAPI, patches and tables are derived from it
 * and from its message in `schema/`; the functions hold what the schema cannot say. All of them are pure.
 */
export interface Kind<T extends ApiObject = ApiObject> {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** The schema's name, `core/v1.Pod`. */
  readonly message: string;
  /** Stands for the message where a kind comes from a definition (CustomResourceDefinition). */
  readonly schema?: ObjectSchema;
  readonly hasStatus: boolean;
  readonly scale?: Scale;
  /** Paths below its objects beside scale and status, which are known from those. */
  readonly subresources?: readonly Subresource[];
  /** Verbs when they are not the eight standard ones. */
  readonly verbs?: readonly string[];
  /** Columns of `kubectl get`. */
  readonly columns: readonly Column<T>[];
  /** Field selectors beyond metadata.name and metadata.namespace, by label. */
  readonly selectableFields: Readonly<Record<string, FieldSelector<T>>>;
  /** Of those, the ones whose text is the value of the member that the label ends with, wherever it is not "": objects without that member and text need not be looked at. */
  readonly textFields?: readonly string[];
  /**
   * True for kinds whose objects are made many from one template: what is filled in, what is checked beyond the name itself and what admission does of its
   * own look at neither name nor uid of a new object, so that what was found out about one holds for all that differ in nothing else.
   */
  readonly isMadeFromTemplates?: boolean;
  /** Texts of such objects that, of one class, may differ as well. */
  readonly freeTexts?: FreeTexts;
  /** What is wrong with a name; a DNS subdomain when absent. */
  readonly checkName?: (name: string) => readonly string[];
  /** Changes the server makes before validation on create and update (allocations excepted); `old` is absent on create. */
  prepare?(object: T, old: T | undefined): T;
  /** Errors the schema cannot find. */
  validate?(object: T, old: T | undefined): readonly FieldError[];
  /** Errors of a write of the status alone that the schema cannot find. */
  validateStatus?(object: T, old: T): readonly FieldError[];
  /** What whoever creates or changes an object is told of what is taken and does not do what it says; `old` is absent on create. */
  warn?(object: T, old: T | undefined): readonly string[];
  /** The same of a new object's name. */
  warnOfName?(name: string): readonly string[];
  /** Field paths (dotted) that may not change once set. */
  readonly immutable?: readonly string[];
  health?(object: T, nowMs: number): Health;
  /** Field paths whose values are secret: never in logs, diffs, events. */
  readonly secretPaths?: readonly string[];
  /** The finalizer every deletion adds, for the controller that cleans up. */
  readonly removalFinalizer?: string;
  /** What a deletion does to dependents when it does not say, where that is not Background; and what whoever did not say is warned of. */
  readonly defaultPropagation?: { readonly policy: "Orphan"; readonly warning?: string };
  /** True where whoever replaces an object has to say which revision of it: a PUT without one is refused. @see kubernetes AllowUnconditionalUpdate of each strategy */
  readonly needsRevision?: true;
  /** True where a PUT creates what is not there. @see kubernetes AllowCreateOnUpdate of each strategy */
  readonly isCreatedByUpdate?: true;
  /** Set when objects are stored as those of another kind, of which this is one more view: `events.k8s.io/v1` of core Events. */
  readonly storedAs?: StoredAs;
  /** What whoever asks for this version is warned of. */
  readonly deprecation?: string;
  /** False for what is answered at once and never kept, as a SubjectAccessReview. */
  readonly isStored?: boolean;
  /** Phantom: ties the kind to its type. */
  readonly sample?: T;
}

/** How a kind's objects become those of the kind they are stored as, and come back. Pure, and without loss from view to view. Whole objects, with apiVersion and kind. */
export interface StoredAs {
  readonly kind: Kind;
  toStored(view: JsonObject): JsonObject;
  toView(stored: JsonObject): JsonObject;
}

/** True for kinds whose objects are stored as their own: each object in the store is of exactly one of these. */
export function hasOwnObjects(kind: Pick<Kind, "storedAs" | "isStored">): boolean {
  return kind.storedAs === undefined && kind.isStored !== false;
}

/** The kind a kind's objects are stored as: its own, unless it is another view. */
export function storedKindOf(kind: Kind): Kind {
  return kind.storedAs?.kind ?? kind;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(kind: Pick<Kind, "group" | "version">): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** `deployments.apps`, or `pods` for the core group: names a resource in messages and rules. */
export function resourceName(kind: Pick<Kind, "group" | "plural">): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}
