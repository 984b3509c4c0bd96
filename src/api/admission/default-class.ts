import type { Kind } from "../../model/kind.ts";
import { IngressClassKind, IngressKind } from "../../model/kinds/networking.ts";
import { PersistentVolumeClaimKind } from "../../model/kinds/persistent-volume.ts";
import { StorageClassKind } from "../../model/kinds/storage.ts";
import type { ApiObject } from "../../model/object.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

const storageMarks = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const storageClassAnnotation = "volume.beta.kubernetes.io/storage-class";
const ingressMark = "ingressclass.kubernetes.io/is-default-class";
const ingressClassAnnotation = "kubernetes.io/ingress.class";

/** A claim that names no class gets the default one, the newest where there are several. @see kubernetes plugin/pkg/admission/storage/storageclass/setdefault */
export const defaultStorageClass: Admission = {
  name: "DefaultStorageClass",
  handles: (request) => isCreating(PersistentVolumeClaimKind, request),
  admit(object, { reader }) {
    if (!isOfKind(PersistentVolumeClaimKind, object)) return object;
    const { spec, metadata } = object;
    if (spec.storageClassName !== undefined || metadata.annotations?.[storageClassAnnotation] !== undefined) return object;
    const [first] = newestFirst(reader.list(StorageClassKind).filter((candidate) => isMarked(candidate, storageMarks)));
    return first === undefined ? object : { ...object, spec: { ...spec, storageClassName: first.metadata.name } };
  },
};

/** An Ingress that names no class gets the default one; several defaults are no default. @see kubernetes plugin/pkg/admission/network/defaultingressclass */
export const defaultIngressClass: Admission = {
  name: "DefaultIngressClass",
  handles: (request) => isCreating(IngressKind, request),
  admit(object, { kind, ref, reader }) {
    if (!isOfKind(IngressKind, object)) return object;
    const { spec, metadata } = object;
    if (spec?.ingressClassName !== undefined || metadata.annotations?.[ingressClassAnnotation] !== undefined) return object;
    const defaults = newestFirst(reader.list(IngressClassKind).filter((candidate) => isMarked(candidate, [ingressMark])));
    const [first, second] = defaults;
    if (first === undefined) return object;
    if (second !== undefined) throw forbidden(kind, ref.name, `${defaults.length} default IngressClasses were found, only 1 allowed`);
    return { ...object, spec: { ...spec, ingressClassName: first.metadata.name } };
  },
};

function isCreating(kind: Kind, request: Parameters<Admission["handles"]>[0]): boolean {
  return request.operation === "create" && request.kind === kind && request.subresource === undefined;
}

function isMarked({ metadata }: ApiObject, marks: readonly string[]): boolean {
  return marks.some((mark) => metadata.annotations?.[mark] === "true");
}

/** The youngest first; those of one second by name. */
function newestFirst<T extends ApiObject>(objects: readonly T[]): readonly T[] {
  return objects.toSorted((a, b) => (b.metadata.creationTimestamp ?? "").localeCompare(a.metadata.creationTimestamp ?? "") || (a.metadata.name < b.metadata.name ? -1 : 1));
}
