import { freeTextsIn, isLike, outlineOf } from "../model/free-texts.ts";
import type { FreeText } from "../model/free-texts.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { isEqual } from "../value/equal.ts";
import { withField } from "../value/field-path.ts";
import { deepFreeze } from "../value/freeze.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { checkDnsSubdomain } from "../value/names.ts";
import type { UserInfo } from "./client.ts";
import { decodeObject, encodeObject } from "./encode.ts";
import type { Notes } from "./notes.ts";
import { fillForm, formOf, isPlainText, markOf } from "./object-form.ts";
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

/** What objects that differ in nothing but their name and free texts have in common, once created. */
export class CreateTemplate {
  /** @see outlineOf */
  readonly outline: number;
  readonly #sent: TemplatedCreate;
  readonly #texts: readonly FreeText[];
  readonly #trace: AdmissionTrace;
  readonly #form: ObjectForm;
  readonly #first: JsonObject;
  /** A form is trusted when a second object came out the long way as it says. */
  isConfirmed = false;

  constructor({ kind, namespace, manager, body, trace, value }: CreatedObject, { form, texts }: { readonly form: ObjectForm; readonly texts: readonly FreeText[] }) {
    // The body may be changed by whoever sent it.
    const { spec = null } = body;
    const isKept = Object.isFrozen(spec);
    const copy = JSON.parse(JSON.stringify(isKept ? { ...body, spec: null } : body)) as JsonObject;
    this.#sent = { kind, namespace, manager, body: isKept ? { ...copy, spec } : copy };
    this.outline = outlineOf(spec, kind.freeTexts?.["spec"]);
    this.#texts = texts;
    this.#trace = trace;
    this.#form = form;
    this.#first = jsonOf(decodeObject(value, 1));
  }

  /** The free texts of a create that differs from the template's in those and its name alone; undefined for any other. */
  textsOf({ kind, namespace, body, manager }: TemplatedCreate): readonly string[] | undefined {
    const sent = this.#sent;
    if (kind !== sent.kind || namespace !== sent.namespace || manager !== sent.manager) return undefined;
    if (!isLike(metadataOf(body), metadataOf(sent.body), { free: undefined, texts: [], except: "name" })) return undefined;
    const texts: string[] = [];
    return isLike(body, sent.body, { free: kind.freeTexts, texts, except: "metadata" }) && texts.every(isPlainText) ? texts : undefined;
  }

  /** True when an object that was created the long way is what the template says. */
  isAsCreated({ admitted, value, trace }: CreatedObject, texts: readonly string[]): boolean {
    return isEqual(this.#trace, trace) && isSameBytes(this.encode(particularsOf(admitted, texts)), value);
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
  object({ name, uid, time, texts }: Particulars, revision: number): ApiObject {
    const metadata = metadataOf(this.#first);
    const managers = metadata["managedFields"];
    const made: JsonObject = {
      ...metadata, name, uid, creationTimestamp: time, ...(managers === undefined ? {} : { managedFields: managersAt(managers, time) }), resourceVersion: String(revision),
    };
    let object: Json = { ...this.#first, metadata: Object.freeze(made) };
    for (const [index, { path, text }] of this.#texts.entries()) if (texts[index] !== text) object = withField(object, path, texts[index] ?? "");
    return objectOf(deepFreeze(object) as JsonObject);
  }
}

/** True for a name that needs no look at the rest of the object, nor any escape in its text. */
export function isPlainName(kind: Kind, name: string): boolean {
  return checkDnsSubdomain(name).length === 0 && (kind.checkName?.(name).length ?? 0) === 0;
}

/** A template, and the free texts of an object that is to be made from it. */
export interface FoundTemplate {
  readonly template: CreateTemplate;
  readonly texts: readonly string[];
}

/**
 * Remembers what creating objects from one template comes to, so that of a further one only what differs is worked on. The first object of an outline is
 * only noticed, the second makes the template, the third confirms it.
 */
export class CreateTemplates {
  /** Oldest first. */
  readonly #templates: CreateTemplate[] = [];
  /** Outlines that came once. */
  readonly #awaited = new Set<number>();
  /** A frozen spec comes often. */
  readonly #outlines = new WeakMap<JsonObject, number>();

  /** The template of a create; undefined where there is none that can be trusted. */
  find(create: TemplatedCreate): FoundTemplate | undefined {
    const found = this.#known(create, this.#outlineOf(create));
    return found?.template.isConfirmed === true ? found : undefined;
  }

  /** True when it is worth while to learn how this object is created. */
  isAwaited(create: TemplatedCreate): boolean {
    const outline = this.#outlineOf(create);
    if (outline === undefined) return false;
    if (this.#awaited.delete(outline) || this.#templates.some((template) => template.outline === outline)) return true;
    for (const oldest of this.#awaited) {
      if (this.#awaited.size < awaitedMax) break;
      this.#awaited.delete(oldest);
    }
    this.#awaited.add(outline);
    return false;
  }

  /** Learns from an object that was created the long way. */
  learn(created: CreatedObject): void {
    if (created.value.length > templateBytesMax) return;
    const known = this.#known(created, this.#outlineOf(created));
    if (known?.template.isAsCreated(created, known.texts) === true) {
      known.template.isConfirmed = true;
      return;
    }
    if (known !== undefined) this.#templates.splice(this.#templates.indexOf(known.template), 1);
    const form = formOfCreated(created);
    if (form === undefined) return;
    if (this.#templates.length >= templatesMax) this.#templates.shift();
    this.#templates.push(new CreateTemplate(created, form));
  }

  #known(create: TemplatedCreate, outline: number | undefined): FoundTemplate | undefined {
    if (outline === undefined) return undefined;
    for (const template of this.#templates) {
      const texts = template.outline === outline ? template.textsOf(create) : undefined;
      if (texts !== undefined) return { template, texts };
    }
    return undefined;
  }

  /** Undefined for what has no template. Frozen parts are frozen wholly. */
  #outlineOf({ kind, body: { spec } }: TemplatedCreate): number | undefined {
    if (kind.isMadeFromTemplates !== true || !isJsonObject(spec)) return undefined;
    const known = this.#outlines.get(spec);
    if (known !== undefined) return known;
    const outline = outlineOf(spec, kind.freeTexts?.["spec"]);
    if (Object.isFrozen(spec)) this.#outlines.set(spec, outline);
    return outline;
  }
}

/** The form of an object, and its free texts; undefined where they do not stand in it as they were sent, or one is not plain. */
function formOfCreated({ kind, body, admitted, value }: CreatedObject): { readonly form: ObjectForm; readonly texts: readonly FreeText[] } | undefined {
  const texts = freeTextsIn(body, kind.freeTexts);
  if (!isEqual(texts, freeTextsIn(admitted, kind.freeTexts)) || !texts.every(({ text }) => isPlainText(text))) return undefined;
  const metadata = metadataOf(admitted);
  const { managedFields } = metadata;
  // Members stay where they are.
  let marked: Json = { ...admitted, metadata: { ...metadata, name: markOf("name"), uid: markOf("uid"), creationTimestamp: markOf("time"), managedFields: managersAt(managedFields, markOf("time")) } };
  for (const [index, { path }] of texts.entries()) marked = withField(marked, path, markOf(index));
  const form = formOf(encodeObject(kind, marked as JsonObject), { name: 1, uid: 1, time: 1 + (Array.isArray(managedFields) ? managedFields.length : 0), texts: texts.length });
  return form !== undefined && isSameBytes(fillForm(form, particularsOf(admitted, texts.map(({ text }) => text))), value) ? { form, texts } : undefined;
}

function particularsOf(object: JsonObject, texts: readonly string[]): Particulars {
  const metadata = metadataOf(object);
  return { name: textOf(metadata, "name"), uid: textOf(metadata, "uid"), time: textOf(metadata, "creationTimestamp"), texts };
}

/** The managers of a new object, as if it had been written at this time. */
function managersAt(managers: Json | undefined, time: string): Json | undefined {
  if (!Array.isArray(managers)) return managers;
  return Object.freeze(managers.map((entry: Json) => (isJsonObject(entry) && entry["time"] !== time ? { ...entry, time } : entry)));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
