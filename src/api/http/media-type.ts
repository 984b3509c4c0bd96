import { ApiError } from "../../model/api-error.ts";

/** How a document is written. */
export type Encoding = "json" | "yaml" | "protobuf";

/** The media type of each encoding. */
export const mediaTypes: Readonly<Record<Encoding, string>> = { json: "application/json", yaml: "application/yaml", protobuf: "application/vnd.kubernetes.protobuf" };

/** How an answer is to be written. */
export interface AnswerFormat {
  readonly encoding: Encoding;
  /** What the object or list is turned into first. */
  readonly as: "object" | "table" | "partial" | "partial-list";
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
 * Chooses the format of an answer that carries objects of a resource: that of the clause the client prefers most and that can be had. Throws NotAcceptable
 * when none fits. The frames of a watch are chosen afterwards: who prefers YAML, which has none, is refused.
 *
 * @see kubernetes apiserver pkg/endpoints/handlers/negotiation/negotiate.go, pkg/endpoints/handlers/rest.go AllowsMediaTypeTransform
 */
export function chooseFormat(header: string | undefined, offer: Offer = { hasProtobuf: true }): AnswerFormat {
  const { isStream = false } = offer;
  const format = firstFormat(header, offer);
  // Even a kind of a definition has its metadata in protobuf, and is said to have it.
  if (format === undefined || (isStream && format.encoding === "yaml")) throw notAcceptable({ hasProtobuf: true, isStream });
  return format;
}

function firstFormat(header: string | undefined, offer: Offer): AnswerFormat | undefined {
  for (const { type, parameters } of preferred(parseAccept(header))) {
    for (const encoding of encodingsOf(type)) {
      if (!isStreamKnown(parameters, encoding) || (parameters.get("sv") ?? metaVersion) !== metaVersion) continue;
      const format = formOf(parameters, encoding, offer);
      if (format !== undefined) return format;
    }
  }
  return undefined;
}

/** The version of meta.k8s.io that options are in. */
const metaVersion = "v1";

/** What objects are turned into when a clause says `as`. */
const forms: ReadonlyMap<string, "table" | "partial" | "partial-list"> = new Map([["Table", "table"], ["PartialObjectMetadata", "partial"], ["PartialObjectMetadataList", "partial-list"]]);

/** Parameters that together name what objects are turned into. */
const formParameters = ["as", "g", "v"] as const;

function formOf(parameters: AcceptClause["parameters"], encoding: Encoding, { hasProtobuf, hasTable = true }: Offer): AnswerFormat | undefined {
  if (!formParameters.some((name) => parameters.has(name))) return encoding === "protobuf" && !hasProtobuf ? undefined : { encoding, as: "object", metaVersion };
  const as = forms.get(parameters.get("as") ?? "");
  const version = parameters.get("v");
  if (as === undefined || parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  // A table's cells may hold anything, which protobuf has no message for.
  if (as === "table" && (encoding === "protobuf" || !hasTable)) return undefined;
  return { encoding, as, metaVersion: version };
}

/** Frames are of one schema, and YAML has none. */
function isStreamKnown(parameters: AcceptClause["parameters"], encoding: Encoding): boolean {
  const stream = parameters.get("stream") ?? "";
  return stream === "" || (stream === "watch" && encoding !== "yaml");
}

/** Chooses the encoding of a document that is no resource. Throws NotAcceptable. */
export function chooseDocumentEncoding(header: string | undefined, offer: Offer = { hasProtobuf: true }): Encoding {
  for (const { type, parameters } of preferred(parseAccept(header))) {
    if (parameters.has("sv") || formParameters.some((name) => parameters.has(name))) continue;
    const encoding = encodingsOf(type).find((one) => isStreamKnown(parameters, one) && (one !== "protobuf" || offer.hasProtobuf));
    if (encoding !== undefined) return encoding;
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
    const [encoding] = encodingsOf(type);
    if (encoding === undefined) continue;
    if (!parameters.has("as")) return undefined;
    const version = parameters.get("v");
    if (parameters.get("g") === "apidiscovery.k8s.io" && parameters.get("as") === "APIGroupDiscoveryList" && (version === "v2" || version === "v2beta1")) return { encoding, version };
  }
  return undefined;
}

/**
 * The clauses by their `q`, plain types before patterns. This is no order (a plain type goes before a pattern of a higher `q`, and the other way round), so
 * what comes out depends on how it is sorted: by insertion, as Go does with as few as clients send.
 *
 * @see github.com/munnerz/goautoneg autoneg.go
 */
function preferred(clauses: readonly AcceptClause[]): readonly AcceptClause[] {
  if (clauses.length < 2) return clauses;
  const sorted: AcceptClause[] = [];
  for (const clause of clauses) {
    let at = sorted.length;
    for (let before = sorted[at - 1]; before !== undefined && isBefore(clause, before); before = sorted[at - 1]) at -= 1;
    sorted.splice(at, 0, clause);
  }
  return sorted;
}

function isBefore(a: AcceptClause, b: AcceptClause): boolean {
  if (qualityOf(a) > qualityOf(b)) return true;
  return (!a.type.startsWith("*") && b.type.startsWith("*")) || (!a.type.endsWith("*") && b.type.endsWith("*"));
}

/** What is no number is 0, and what is 0 is still taken. */
function qualityOf({ parameters }: AcceptClause): number {
  const text = parameters.get("q") ?? "";
  const quality = text === "" ? 1 : Number(text);
  return Number.isNaN(quality) ? 0 : quality;
}

/** What a type of a clause stands for, in the order of what is offered. */
const encodings: ReadonlyMap<string, readonly Encoding[]> = new Map<string, readonly Encoding[]>([
  [mediaTypes.json, ["json"]], [mediaTypes.yaml, ["yaml"]], [mediaTypes.protobuf, ["protobuf"]],
  ...["*", "*/*", "application/*"].map((type): readonly [string, readonly Encoding[]] => [type, ["json", "yaml", "protobuf"]]),
]);

function encodingsOf(type: string): readonly Encoding[] {
  return encodings.get(type) ?? none;
}

const none: readonly Encoding[] = [];

/** The 406 of upstream. */
export function notAcceptable({ hasProtobuf, isStream = false }: Offer = { hasProtobuf: true }): ApiError {
  const types = [mediaTypes.json, ...(isStream ? [] : [mediaTypes.yaml]), ...(hasProtobuf ? [mediaTypes.protobuf] : [])];
  return new ApiError("NotAcceptable", `only the following media types are accepted: ${types.map((type) => (isStream ? `${type};stream=watch` : type)).join(", ")}`);
}

/** How a request body is written. Throws UnsupportedMediaType. An absent type means JSON, as upstream. */
export function bodyEncoding(contentType: string | undefined): Encoding {
  // What nearly everybody sends needs no taking apart.
  if (contentType === mediaTypes.json) return "json";
  const [encoding] = encodingsOf(parseAccept(contentType)[0]?.type ?? "*/*");
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
