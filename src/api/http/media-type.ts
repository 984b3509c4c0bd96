import { ApiError } from "../../model/api-error.ts";

/** How a document is written. */
export type Encoding = "json" | "yaml" | "protobuf";

/** The media type of each encoding. */
export const mediaTypes: Readonly<Record<Encoding, string>> = { json: "application/json", yaml: "application/yaml", protobuf: "application/vnd.kubernetes.protobuf" };

/** How an answer is to be written. */
export interface AnswerFormat {
  readonly encoding: Encoding;
  /** What the object or list is turned into first. */
  readonly as: "object" | "table" | "partial";
  /** Version of meta.k8s.io for tables and partial objects. */
  readonly metaVersion: "v1" | "v1beta1";
}

/** What can be answered. */
export interface Offer {
  /** False for kinds that protobuf has no message for: those of definitions. Their metadata alone it has. */
  readonly hasProtobuf: boolean;
  /** False for what is answered and never kept, as a review: there are no rows of it. */
  readonly hasTable?: boolean;
  /** True for a watch, which YAML has no frames for. */
  readonly isStream?: boolean;
}

/** One clause of an Accept header. */
export interface AcceptClause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** At most this many clauses are looked at; kubectl sends three. */
const acceptClausesMax = 32;

const anything: readonly AcceptClause[] = [{ type: "*/*", parameters: new Map() }];

/** Headers taken apart before: clients send the same few all the time. Bounded in number and length, for anybody may send others. */
const takenApart = new Map<string, readonly AcceptClause[]>();
const takenApartMax = 64;
const takenApartLengthMax = 512;

/** Takes an Accept or Content-Type header apart; clauses stay in the order they were sent. */
export function parseAccept(header: string | undefined): readonly AcceptClause[] {
  if (header === undefined || header.trim() === "") return anything;
  const known = takenApart.get(header);
  if (known !== undefined) return known;
  const clauses = clausesOf(header);
  if (header.length > takenApartLengthMax) return clauses;
  if (takenApart.size >= takenApartMax) takenApart.clear();
  takenApart.set(header, clauses);
  return clauses;
}

function clausesOf(header: string): readonly AcceptClause[] {
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
 * Chooses the format of an answer that carries objects of a resource: the clause the client prefers most, of equal ones the one that stands first.
 * Throws NotAcceptable when none fits.
 *
 * @see kubernetes apiserver pkg/endpoints/handlers/negotiation/negotiate.go
 */
export function chooseFormat(header: string | undefined, offer: Offer = { hasProtobuf: true }): AnswerFormat {
  for (const clause of preferred(parseAccept(header))) {
    const encoding = encodingOf(clause.type);
    if (encoding === undefined || (offer.isStream === true && encoding === "yaml")) continue;
    const as = clause.parameters.get("as");
    if (as === undefined) {
      if (encoding === "protobuf" && !offer.hasProtobuf) continue;
      return { encoding, as: "object", metaVersion: "v1" };
    }
    const version = clause.parameters.get("v");
    if (clause.parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) continue;
    // A table's cells may hold anything, which protobuf has no message for.
    if (as === "Table" && encoding !== "protobuf" && offer.hasTable !== false) return { encoding, as: "table", metaVersion: version };
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return { encoding, as: "partial", metaVersion: version };
  }
  throw notAcceptable(offer);
}

/** Chooses the encoding of a document that is no resource. Throws NotAcceptable. */
export function chooseDocumentEncoding(header: string | undefined, offer: Offer = { hasProtobuf: true }): Encoding {
  for (const clause of preferred(parseAccept(header))) {
    const encoding = encodingOf(clause.type);
    if (encoding !== undefined && !clause.parameters.has("as") && (encoding !== "protobuf" || offer.hasProtobuf)) return encoding;
  }
  throw notAcceptable(offer);
}

/** The aggregated form of discovery a client takes, and in which encoding. */
export interface DiscoveryFormat {
  readonly encoding: Encoding;
  readonly version: "v2" | "v2beta1";
}

/**
 * The aggregated form of discovery, where the client prefers it to the documents of single groups; undefined where it does not.
 *
 * @see kubernetes apiserver pkg/endpoints/discovery/aggregated/negotiation.go
 */
export function chooseDiscovery(header: string | undefined): DiscoveryFormat | undefined {
  for (const { type, parameters } of preferred(parseAccept(header))) {
    const encoding = encodingOf(type);
    if (encoding === undefined) continue;
    if (!parameters.has("as")) return undefined;
    const version = parameters.get("v");
    if (parameters.get("g") === "apidiscovery.k8s.io" && parameters.get("as") === "APIGroupDiscoveryList" && (version === "v2" || version === "v2beta1")) return { encoding, version };
  }
  return undefined;
}

/** The clauses by their `q`, plain types before patterns, otherwise as they were sent. */
function preferred(clauses: readonly AcceptClause[]): readonly AcceptClause[] {
  if (clauses.length < 2) return clauses;
  return clauses.toSorted((a, b) => qualityOf(b) - qualityOf(a) || patternsIn(a) - patternsIn(b));
}

function qualityOf({ parameters }: AcceptClause): number {
  const quality = Number.parseFloat(parameters.get("q") ?? "1");
  return Number.isNaN(quality) ? 1 : quality;
}

function patternsIn({ type }: AcceptClause): number {
  return type.split("*").length - 1;
}

function encodingOf(type: string): Encoding | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  if (type === "application/yaml" || type === "text/yaml" || type === "application/x-yaml") return "yaml";
  return type === mediaTypes.protobuf ? "protobuf" : undefined;
}

/** The 406 of upstream. */
export function notAcceptable({ hasProtobuf, isStream = false }: Offer = { hasProtobuf: true }): ApiError {
  const types = [mediaTypes.json, ...(isStream ? [] : [mediaTypes.yaml]), ...(hasProtobuf ? [mediaTypes.protobuf] : [])];
  return new ApiError("NotAcceptable", `only the following media types are accepted: ${types.map((type) => (isStream ? `${type};stream=watch` : type)).join(", ")}`);
}

/** How a request body is written. Throws UnsupportedMediaType. An absent type means JSON, as upstream. */
export function bodyEncoding(contentType: string | undefined): Encoding {
  // What nearly everybody sends needs no taking apart.
  if (contentType === mediaTypes.json) return "json";
  const encoding = encodingOf(parseAccept(contentType)[0]?.type ?? "*/*");
  if (encoding !== undefined) return encoding;
  throw new ApiError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${Object.values(mediaTypes).join(", ")}`);
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
