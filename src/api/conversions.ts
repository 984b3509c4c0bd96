import { sha256 } from "../value/digest.ts";
import { isEqual } from "../value/equal.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { ApiError } from "../model/api-error.ts";
import type { CustomResourceDefinition } from "../model/generated/apiextensions-v1.ts";
import { internalError } from "./errors.ts";
import { Unanswered, printFailure } from "./questions.ts";
import type { KeptReplies, Outside, Question, Reply } from "./questions.ts";
import { metadataOf, textOf, withMembers } from "./shape.ts";
import type { StagedReader } from "./staged-reader.ts";
import { targetOf } from "./webhooks/target.ts";

/** A webhook that converts has this long, as upstream. */
const timeoutSeconds = 30;

const reviewVersion = "apiextensions.k8s.io/v1";

/** Objects of one ConversionReview: more are asked for in several, so that no body grows with the list. */
export const objectsPerReviewMax = 500;

/** One object that is to become one of another version. */
export interface Conversion {
  readonly definition: CustomResourceDefinition;
  readonly object: JsonObject;
  readonly apiVersion: string;
}

/** What is known of the conversions of one request, and what it still lacks. */
interface Scope {
  readonly replies?: KeptReplies;
  readonly known?: ReadonlyMap<string, JsonObject>;
  /** Where what is lacking is gathered, to be asked for together. */
  readonly missing?: Map<string, Conversion>;
}

/**
 * Converts objects between the versions of definitions that leave this to a webhook. What is not known yet is a question: `convert` throws
 * `Unanswered`, and whoever prepares a request asks and tries again.
 */
export class Conversions {
  readonly #reader: Pick<StagedReader, "get">;
  #scope: Scope = {};

  constructor(reader: Pick<StagedReader, "get">) {
    this.#reader = reader;
  }

  /** Runs what may convert, with the replies its request has got so far. It must not wait. */
  during<T>(replies: KeptReplies, work: () => T): T {
    return this.#within({ replies }, work);
  }

  /** Runs all of these, none of which may wait; what they need converted is asked for together. Throws ApiError when the webhook fails. */
  async settle<T>(works: readonly (() => T)[], outside: Outside): Promise<readonly T[]> {
    const known = new Map<string, JsonObject>();
    const missing = new Map<string, Conversion>();
    const tryAll = (): readonly (T | Unanswered)[] => works.map((work) => this.#within({ known, missing }, () => orUnanswered(work)));
    let done = tryAll();
    if (missing.size > 0) {
      await Promise.all(this.#reviewsOf([...missing.values()]).map(async ({ question, conversions }) => {
        const made = takeReply(conversions, question, await outside.ask(question));
        conversions.forEach((conversion, index) => { known.set(keyOf(conversion), made[index] ?? conversion.object); });
      }));
      done = tryAll();
    }
    return done.map((one) => { if (one instanceof Unanswered) throw one; return one; });
  }

  /** The object in another version. Throws `Unanswered`, or ApiError when the webhook fails. */
  convert(conversion: Conversion): JsonObject {
    const { known, missing, replies } = this.#scope;
    const key = keyOf(conversion);
    const made = known?.get(key);
    if (made !== undefined) return made;
    missing?.set(key, conversion);
    if (missing !== undefined) throw new Unanswered([]);
    const question = this.#questionOf([conversion]);
    if (replies === undefined) throw new Unanswered([question]);
    const [reply] = replies.of([question]);
    const [converted] = takeReply([conversion], question, reply);
    return converted ?? conversion.object;
  }

  #within<T>(scope: Scope, work: () => T): T {
    const before = this.#scope;
    this.#scope = scope;
    try {
      return work();
    } finally {
      this.#scope = before;
    }
  }

  #reviewsOf(conversions: readonly Conversion[]): readonly { readonly question: Question; readonly conversions: readonly Conversion[] }[] {
    const reviews: { readonly question: Question; readonly conversions: readonly Conversion[] }[] = [];
    for (let at = 0; at < conversions.length; at += objectsPerReviewMax) {
      const some = conversions.slice(at, at + objectsPerReviewMax);
      reviews.push({ question: this.#questionOf(some), conversions: some });
    }
    return reviews;
  }

  #questionOf(conversions: readonly Conversion[]): Question {
    const [first] = conversions;
    const config = first?.definition.spec.conversion?.webhook?.clientConfig;
    if (first === undefined || config === undefined) throw internalError("a conversion has no webhook");
    const key = sha256(conversions.map(keyOf).join());
    const target = targetOf(config, timeoutSeconds, this.#reader);
    if ("failure" in target) throw conversionFailed(first, `Post ${JSON.stringify(target.url)}: ${target.failure}`);
    const request = { uid: uidOf(key), desiredAPIVersion: first.apiVersion, objects: conversions.map(({ object }) => object) };
    return { key: `convert/${key}`, target, body: { kind: "ConversionReview", apiVersion: reviewVersion, request } };
  }
}

function orUnanswered<T>(work: () => T): T | Unanswered {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unanswered) return error;
    throw error;
  }
}

/** Two conversions with one key have one outcome: the definition's generation stands for its webhook. */
function keyOf({ definition, object, apiVersion }: Conversion): string {
  return sha256(`${definition.metadata.uid ?? ""}/${definition.metadata.generation ?? 0}/${apiVersion}/${JSON.stringify(object)}`);
}


/** A review's uid follows from what is asked, so that a later try of one request knows its reply. */
function uidOf(digest: string): string {
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => digest.slice(from, to)).join("-");
}

/**
 * The objects a webhook made, in the order of the conversions. Throws ApiError for everything but a whole and honest answer.
 * @see kubernetes apiextensions-apiserver pkg/apiserver/conversion/webhook_converter.go
 */
function takeReply(conversions: readonly Conversion[], question: Question, reply: Reply | undefined): readonly JsonObject[] {
  const [first] = conversions;
  if (first === undefined) return [];
  const fail = (why: string): Error => conversionFailed(first, why);
  if (reply?.kind !== "answered") throw fail(printFailure(reply ?? { kind: "failed", message: "no answer" }, question.target.url));
  const { body } = reply;
  if (textOf(body, "kind") !== "ConversionReview" || textOf(body, "apiVersion") !== reviewVersion) throw fail(`expected webhook response of ${reviewVersion}, Kind=ConversionReview, got ${textOf(body, "apiVersion")}, Kind=${textOf(body, "kind")}`);
  const response = body["response"];
  if (!isJsonObject(response)) throw fail("no response provided");
  const asked = isJsonObject(question.body["request"]) ? textOf(question.body["request"], "uid") : "";
  if (textOf(response, "uid") !== asked) throw fail(`expected response.uid=${JSON.stringify(asked)}, got ${JSON.stringify(textOf(response, "uid"))}`);
  const result = isJsonObject(response["result"]) ? response["result"] : {};
  if (textOf(result, "status") !== "Success") throw fail(textOf(result, "message") || `response.result.status was '${textOf(result, "status")}', not 'Success'`);
  const converted = response["convertedObjects"];
  const objects: readonly Json[] = Array.isArray(converted) ? (converted as readonly Json[]) : [];
  if (objects.length !== conversions.length) throw conversionError(first, `returned ${objects.length} objects, expected ${conversions.length}`);
  return conversions.map((conversion, index) => {
    const made = checkConverted(conversion, objects[index]);
    if (typeof made === "string") throw conversionError(first, `returned invalid converted object at index ${index}: ${made}`);
    return made;
  });
}

/** A webhook may change anything but what an object is and who it is: of the metadata only labels and annotations. */
function checkConverted({ object, apiVersion }: Conversion, made: Json | undefined): JsonObject | string {
  if (!isJsonObject(made)) return "it is no object";
  if (textOf(made, "apiVersion") !== apiVersion) return `invalid groupVersion (expected: ${apiVersion}, received: ${textOf(made, "apiVersion")})`;
  if (textOf(made, "kind") !== textOf(object, "kind")) return `invalid kind (expected: ${textOf(object, "kind")}, received: ${textOf(made, "kind")})`;
  const before = metadataOf(object);
  const after = metadataOf(made);
  for (const field of ["name", "namespace", "uid"]) if (!isEqual(before[field], after[field])) return `metadata.${field} may not be changed`;
  const metadata = withMembers(before, { labels: after["labels"] ?? undefined, annotations: after["annotations"] ?? undefined });
  return { ...made, metadata };
}

function conversionFailed(conversion: Conversion, why: string): Error {
  return conversionError(conversion, `failed: ${why}`);
}

function conversionError({ object }: Conversion, what: string): Error {
  return new ApiError("InternalError", `conversion webhook for ${textOf(object, "apiVersion")}, Kind=${textOf(object, "kind")} ${what}`);
}
