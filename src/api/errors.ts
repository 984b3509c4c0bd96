import { ApiError } from "../model/api-error.ts";
import type { FieldError } from "../model/field-error.ts";
import type { Kind } from "../model/kind.ts";
import { apiVersionOf, resourceName } from "../model/kind.ts";
import { printConflicts } from "../model/managed-fields/conflicts.ts";
import type { Conflict } from "../model/managed-fields/conflicts.ts";
import { invalidError } from "../model/print-field-error.ts";
import type { AccessAttributes } from "./verbs.ts";

/** The parts of a kind that messages and details name. */
type Named = Pick<Kind, "group" | "version" | "kind" | "plural">;

/** `pods "x" not found`. */
export function notFound(kind: Named, name: string): ApiError {
  return new ApiError("NotFound", `${resourceName(kind)} "${name}" not found`, { details: resourceDetails(kind, name) });
}

/** A resource or subresource this API does not have. */
export function notServed(): ApiError {
  return new ApiError("NotFound", "the server could not find the requested resource");
}

/** `pods "x" already exists`. */
export function alreadyExists(kind: Named, name: string): ApiError {
  return new ApiError("AlreadyExists", `${resourceName(kind)} "${name}" already exists`, { details: resourceDetails(kind, name) });
}

/** After every generated name was taken; the client may try again. */
export function namesExhausted(kind: Named, name: string): ApiError {
  const message = `${resourceName(kind)} "${name}" already exists, the server was not able to generate a unique name for the object`;
  return new ApiError("AlreadyExists", message, { details: { ...resourceDetails(kind, name), retryAfterSeconds: 1 } });
}

/** The optimistic lock failed. */
export function modified(kind: Named, name: string): ApiError {
  return conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");
}

/** `Operation cannot be fulfilled on deployments.apps "x": {why}`. */
export function conflict(kind: Named, name: string, why: string): ApiError {
  return new ApiError("Conflict", `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`, { details: resourceDetails(kind, name) });
}

/** A precondition of a delete failed; upstream names the kind here, not the resource. */
export function preconditionFailed(kind: Named, name: string, why: string): ApiError {
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError("Conflict", `Operation cannot be fulfilled on ${qualified} "${name}": ${why}`, { details: { ...groupDetails(kind), kind: kind.kind, name } });
}

/** `pods "x" is forbidden: {why}`; without a name `pods is forbidden: {why}`. */
export function forbidden(kind: Named, name: string, why: string, causes: readonly FieldError[] = []): ApiError {
  const subject = name === "" ? resourceName(kind) : `${resourceName(kind)} "${name}"`;
  return new ApiError("Forbidden", `${subject} is forbidden: ${why}`, { details: resourceDetails(kind, name), causes });
}

/** The authoriser said no. */
export function accessDenied(userName: string, attributes: AccessAttributes): ApiError {
  if (attributes.path !== undefined) return new ApiError("Forbidden", `forbidden: User "${userName}" cannot ${attributes.verb} path "${attributes.path}"`);
  const { verb, group, resource, subresource, name = "", namespace = "" } = attributes;
  const kind = { group, version: "", kind: "", plural: resource };
  const place = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const target = subresource === undefined ? resource : `${resource}/${subresource}`;
  return forbidden(kind, name, `User "${userName}" cannot ${verb} resource "${target}" in API group "${group}" ${place}`);
}

/** The request itself makes no sense. */
export function badRequest(message: string): ApiError {
  return new ApiError("BadRequest", message);
}

/** `Internal error occurred: {why}`. */
export function internalError(why: string): ApiError {
  return new ApiError("InternalError", `Internal error occurred: ${why}`);
}

/** The kind has no such verb. */
export function verbUnsupported(kind: Named, verb: string): ApiError {
  return new ApiError("MethodNotAllowed", `${verb} is not supported on resources of kind "${resourceName(kind)}"`, { details: { ...groupDetails(kind), kind: kind.plural } });
}

/** Kinds of definitions have no merge keys. */
export function strategicUnsupported(): ApiError {
  const accepted = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
  return new ApiError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
}

/** A patch that cannot be applied, as upstream answers it. */
export function patchFailed(cause: unknown): ApiError {
  return new ApiError("Invalid", "the server rejected our request due to an error in our request", { cause });
}

/** `Request entity too large: {why}`. */
export function tooLarge(why: string): ApiError {
  return new ApiError("RequestEntityTooLarge", `Request entity too large: ${why}`);
}

/** An apply would change fields of other managers. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const { message, causes } = printConflicts(conflicts);
  return new ApiError("Conflict", message, { causes: causes.map((cause) => ({ type: "FieldManagerConflict", path: cause.field, detail: cause.message })) });
}

/** A field that is wrong in the options of a request. */
export function invalidOptions(options: "ListOptions" | "DeleteOptions" | "CreateOptions" | "UpdateOptions" | "PatchOptions", errors: readonly FieldError[]): ApiError {
  return invalidError({ group: "meta.k8s.io", kind: options }, "", errors);
}

/** The body names another kind than the path. */
export function wrongKind(kind: Named, apiVersion: string, kindName: string): ApiError {
  if (apiVersion !== apiVersionOf(kind)) {
    return badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(kind)})`);
  }
  return badRequest(`${kindName} in version "${kind.version}" cannot be handled as a ${kind.kind}: no kind "${kindName}" is registered for version "${apiVersion}"`);
}

function resourceDetails(kind: Named, name: string): { readonly group?: string; readonly kind: string; readonly name?: string } {
  return { ...groupDetails(kind), kind: kind.plural, ...(name === "" ? {} : { name }) };
}

function groupDetails(kind: Named): { readonly group?: string } {
  return kind.group === "" ? {} : { group: kind.group };
}
