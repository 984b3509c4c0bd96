import { ApiError } from "../../model/api-error.ts";

/** How an answer is to be written. */
export interface AnswerFormat {
  readonly encoding: "json" | "yaml";
  /** What the object or list is turned into first. */
  readonly as: "object" | "table" | "partial";
  /** Version of meta.k8s.io for tables and partial objects. */
  readonly metaVersion: "v1" | "v1beta1";
}

/** One clause of an Accept header. */
export interface AcceptClause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** At most this many clauses are looked at; kubectl sends three. */
const acceptClausesMax = 32;

/** What answers are written in; protobuf is read but not written. */
const acceptedTypes = "application/json, application/yaml";

/** Takes an Accept or Content-Type header apart; clauses stay in the order they were sent. */
export function parseAccept(header: string | undefined): readonly AcceptClause[] {
  if (header === undefined || header.trim() === "") return [{ type: "*/*", parameters: new Map() }];
  return header.split(",", acceptClausesMax).map((clause) => {
    const [type = "", ...rest] = clause.split(";").map((part) => part.trim());
    const pairs = rest.map((part): readonly [string, string] => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part.toLowerCase(), ""] : [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1")];
    });
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
}

/**
 * Chooses the format of an answer that carries objects of a resource. Clauses are tried left to right, as upstream does.
 * Throws NotAcceptable when none fits.
 */
export function chooseFormat(header: string | undefined): AnswerFormat {
  for (const clause of parseAccept(header)) {
    const encoding = encodingOf(clause.type);
    if (encoding === undefined) continue;
    const as = clause.parameters.get("as");
    if (as === undefined) return { encoding, as: "object", metaVersion: "v1" };
    const version = clause.parameters.get("v");
    if (clause.parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) continue;
    if (as === "Table") return { encoding, as: "table", metaVersion: version };
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return { encoding, as: "partial", metaVersion: version };
  }
  throw notAcceptable();
}

/** Chooses between JSON and YAML for a document that is no resource. Throws NotAcceptable. */
export function chooseDocumentEncoding(header: string | undefined): "json" | "yaml" {
  for (const clause of parseAccept(header)) {
    const encoding = encodingOf(clause.type);
    if (encoding !== undefined && !clause.parameters.has("as")) return encoding;
  }
  throw notAcceptable();
}

function encodingOf(type: string): "json" | "yaml" | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  if (type === "application/yaml" || type === "text/yaml" || type === "application/x-yaml") return "yaml";
  return undefined;
}

/** The 406 of upstream. */
export function notAcceptable(): ApiError {
  return new ApiError("NotAcceptable", `only the following media types are accepted: ${acceptedTypes}`);
}

/** How a request body is written. Throws UnsupportedMediaType. An absent type means JSON, as upstream. */
export function bodyEncoding(contentType: string | undefined): "json" | "yaml" | "protobuf" {
  const type = parseAccept(contentType)[0]?.type ?? "*/*";
  if (type === "application/vnd.kubernetes.protobuf") return "protobuf";
  const encoding = encodingOf(type);
  if (encoding !== undefined) return encoding;
  throw new ApiError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${acceptedTypes}, application/vnd.kubernetes.protobuf`);
}

const patchTypes: ReadonlyMap<string, "json" | "merge" | "strategic" | "apply"> = new Map([
  ["application/apply-patch+yaml", "apply"],
  ["application/json-patch+json", "json"],
  ["application/merge-patch+json", "merge"],
  ["application/strategic-merge-patch+json", "strategic"],
]);

/** The kind of patch a Content-Type names. Throws UnsupportedMediaType. */
export function patchTypeOf(contentType: string | undefined): "json" | "merge" | "strategic" | "apply" {
  const type = parseAccept(contentType)[0]?.type ?? "";
  const patch = patchTypes.get(type);
  if (patch !== undefined) return patch;
  const accepted = [...patchTypes.keys()].join(", ");
  throw new ApiError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
}
