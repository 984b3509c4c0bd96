import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { isEqual } from "../value/equal.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { checkDnsSubdomain } from "../value/names.ts";
import type { UserInfo } from "./client.ts";
import { decodeObject, encodeObject } from "./encode.ts";
import type { Notes } from "./notes.ts";
import { fillForm, formOf, marks } from "./object-form.ts";
import type { ObjectForm, Particulars } from "./object-form.ts";
import { isAsTraced } from "./recorded-admission.ts";
import type { AdmissionTrace } from "./recorded-admission.ts";
import { jsonOf, metadataOf, objectOf, textOf } from "./shape.ts";
import type { Staging } from "./staging.ts";

/** Templates remembered: about as many workloads as are scaled or rolled out in one minute. */
export const templatesMax = 64;

/** An object with more bytes has no template: together they take 4 MB at most. */
export const templateBytesMax = 16 * 1024;

/** Specs of which a second object is awaited. */
const awaitedMax = 64;

/** A create as templates look at it. */
export interface TemplatedCreate {
  readonly kind: Kind;
  readonly namespace: string;
  /** As sent, before anything is filled in. */
  readonly body: JsonObject;
  /** The field manager's name. */
  readonly manager: string;
}

/** An object that was created the long way, and what that went by. */
export interface CreatedObject extends TemplatedCreate {
  readonly admitted: JsonObject;
  readonly value: Uint8Array;
  readonly trace: AdmissionTrace;
}

/** What objects that differ in their name alone have in common, once created. */
export class CreateTemplate {
  readonly #sent: TemplatedCreate;
  readonly #trace: AdmissionTrace;
  readonly #form: ObjectForm;
  readonly #first: JsonObject;
  /** A form is trusted when a second object came out the long way as it says. */
  isConfirmed = false;

  constructor({ kind, namespace, manager, body, trace, value }: CreatedObject, form: ObjectForm) {
    // The rest of the body may be changed by whoever sent it.
    const { spec, ...rest } = body;
    const copy = JSON.parse(JSON.stringify({ ...rest, spec: null })) as JsonObject;
    this.#sent = { kind, namespace, manager, body: { ...copy, spec } };
    this.#trace = trace;
    this.#form = form;
    this.#first = jsonOf(decodeObject(value, 1));
  }

  get spec(): Json | undefined {
    return this.#sent.body["spec"];
  }

  /** True for a create that differs from the template's in its name alone. */
  isOf({ kind, namespace, body, manager }: TemplatedCreate): boolean {
    const sent = this.#sent;
    return body["spec"] === sent.body["spec"] && kind === sent.kind && namespace === sent.namespace && manager === sent.manager
      && isSameBut("metadata", body, sent.body) && isSameBut("name", metadataOf(body), metadataOf(sent.body));
  }

  /** True when an object that was created the long way is what the template says. */
  isAsCreated({ admitted, value, trace }: CreatedObject): boolean {
    return isEqual(this.#trace, trace) && isSameBytes(this.encode(particularsOf(admitted)), value);
  }

  /** True when admission would find all as it did for the template; what the commit depends on is then noted. */
  isAdmitted(staging: Staging, now: { readonly user: UserInfo; readonly kinds: Iterable<Kind> }): boolean {
    return isAsTraced(this.#trace, staging, now);
  }

  /** Says again what admission had to say. */
  note(notes: Notes): void {
    for (const text of this.#trace.warnings) notes.warn(text);
    for (const [key, value] of this.#trace.annotations) notes.annotate(key, value);
  }

  /** The bytes an object of the template is stored as. */
  encode(particulars: Particulars): Uint8Array {
    return fillForm(this.#form, particulars);
  }

  /** What reading these bytes gives, but for the reading: the parts that all have in common are the same. Frozen. */
  object({ name, uid, time }: Particulars, revision: number): ApiObject {
    const metadata = metadataOf(this.#first);
    const managers = metadata["managedFields"];
    const made: JsonObject = {
      ...metadata, name, uid, creationTimestamp: time, ...(managers === undefined ? {} : { managedFields: managersAt(managers, time) }), resourceVersion: String(revision),
    };
    return objectOf(Object.freeze({ ...this.#first, metadata: Object.freeze(made) }));
  }
}

/** True for a name that needs no look at the rest of the object, nor any escape in its text. */
export function isPlainName(kind: Kind, name: string): boolean {
  return checkDnsSubdomain(name).length === 0 && (kind.checkName?.(name).length ?? 0) === 0;
}

/**
 * Remembers what creating objects from one template comes to, so that of a further one only what differs is worked on. A template is found by its spec,
 * which has to be the very same frozen value; the first object of a spec is only noticed, the second makes the template, the third confirms it.
 */
export class CreateTemplates {
  /** Oldest first. */
  readonly #templates: CreateTemplate[] = [];
  readonly #awaited = new Set<JsonObject>();

  /** The template of a create; undefined where there is none that can be trusted. */
  find(create: TemplatedCreate): CreateTemplate | undefined {
    if (specOf(create) === undefined) return undefined;
    const known = this.#templates.find((template) => template.isOf(create));
    return known?.isConfirmed === true ? known : undefined;
  }

  /** True when it is worth while to learn how this object is created. */
  isAwaited(create: TemplatedCreate): boolean {
    const spec = specOf(create);
    if (spec === undefined) return false;
    if (this.#awaited.delete(spec) || this.#templates.some((template) => template.spec === spec)) return true;
    for (const oldest of this.#awaited) {
      if (this.#awaited.size < awaitedMax) break;
      this.#awaited.delete(oldest);
    }
    this.#awaited.add(spec);
    return false;
  }

  /** Learns from an object that was created the long way. */
  learn(created: CreatedObject): void {
    if (created.value.length > templateBytesMax) return;
    const index = this.#templates.findIndex((template) => template.isOf(created));
    const known = this.#templates[index];
    if (known?.isAsCreated(created) === true) {
      known.isConfirmed = true;
      return;
    }
    if (known !== undefined) this.#templates.splice(index, 1);
    const form = formOfCreated(created);
    if (form === undefined) return;
    if (this.#templates.length >= templatesMax) this.#templates.shift();
    this.#templates.push(new CreateTemplate(created, form));
  }
}

/** The spec of a create that may have a template. Frozen parts are frozen wholly. */
function specOf({ kind, body }: TemplatedCreate): JsonObject | undefined {
  const { spec } = body;
  return kind.isMadeFromTemplates === true && isJsonObject(spec) && Object.isFrozen(spec) ? spec : undefined;
}

function formOfCreated({ kind, admitted, value }: CreatedObject): ObjectForm | undefined {
  const metadata = metadataOf(admitted);
  const { managedFields } = metadata;
  // Members stay where they are.
  const marked = { ...admitted, metadata: { ...metadata, name: marks.name, uid: marks.uid, creationTimestamp: marks.time, managedFields: managersAt(managedFields, marks.time) } };
  const form = formOf(encodeObject(kind, marked), { name: 1, uid: 1, time: 1 + (Array.isArray(managedFields) ? managedFields.length : 0) });
  return form !== undefined && isSameBytes(fillForm(form, particularsOf(admitted)), value) ? form : undefined;
}

function particularsOf(object: JsonObject): Particulars {
  const metadata = metadataOf(object);
  return { name: textOf(metadata, "name"), uid: textOf(metadata, "uid"), time: textOf(metadata, "creationTimestamp") };
}

/** The managers of a new object, as if it had been written at this time. */
function managersAt(managers: Json | undefined, time: string): Json | undefined {
  if (!Array.isArray(managers)) return managers;
  return Object.freeze(managers.map((entry: Json) => (isJsonObject(entry) && entry["time"] !== time ? { ...entry, time } : entry)));
}

/** True when two objects are the same apart from one member. */
function isSameBut(name: string, a: JsonObject, b: JsonObject): boolean {
  const others = Object.keys(b);
  let at = 0;
  for (const key in a) {
    const member = a[key];
    if (member === undefined) continue;
    if (others[at++] !== key || (key !== name && !isSame(member, b[key]))) return false;
  }
  return at === others.length;
}

/** Equality that heeds the order of members, as their text does. */
function isSame(a: Json, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isJsonObject(a)) return isJsonObject(b) && isSameBut("", a, b);
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item: Json, index) => isSame(item, b[index] as Json));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
