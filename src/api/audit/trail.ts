import { printMicroTime } from "../../world/clock.ts";
import type { World } from "../../world/world.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { UserInfo } from "../client.ts";
import { findKind } from "../../model/kinds.ts";
import { isEnvelope } from "../../model/protobuf.ts";
import { parseProtobufBody } from "../http/protobuf-body.ts";
import { metadataOf, textOf, withMetadata } from "../shape.ts";
import { auditLevels, decideAudit } from "./policy.ts";
import type { AuditDecision, AuditedRequest, AuditLevel, AuditPolicy, AuditStage } from "./policy.ts";

/** A larger body is left out of an event: it would make the log useless to read. */
const bodyBytesMax = 256 * 1024;

/** Where events go, a line each. Must not throw or wait. */
export type AuditSink = (line: string) => void;

/** A request as it comes in. */
export interface AuditStart extends Omit<AuditedRequest, "user" | "groups"> {
  /** Who asked: rules of the policy are about them. */
  readonly who: UserInfo;
  /** Whom they impersonate. */
  readonly actingAs?: UserInfo;
  /** With the query. */
  readonly uri: string;
  readonly version: string;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string | undefined;
  /** True for what may hold secrets: its bodies are never told, whatever the policy says. */
  readonly isSecret: boolean;
}

/** Tells of requests as a policy says. */
export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #sink: AuditSink;
  readonly #world: Pick<World, "clock" | "chance">;

  constructor(policy: AuditPolicy, sink: AuditSink, world: Pick<World, "clock" | "chance">) {
    this.#policy = policy;
    this.#sink = sink;
    this.#world = world;
  }

  /** Begins to tell of a request; undefined when nothing is to be told of it. */
  begin(start: AuditStart): AuditTrail | undefined {
    const decision = decideAudit(this.#policy, { ...start, user: start.who.name, groups: start.who.groups });
    if (decision.level === "None") return undefined;
    const trail = new AuditTrail({ start, decision, id: this.#world.chance.uuid() }, this.#sink, this.#world);
    trail.tell("RequestReceived", {});
    return trail;
  }
}

/** What is told of one request, stage by stage. */
export class AuditTrail {
  readonly id: string;
  readonly #start: AuditStart;
  readonly #decision: AuditDecision;
  readonly #sink: AuditSink;
  readonly #world: Pick<World, "clock">;
  readonly #receivedMs: number;
  #request: Json | undefined;
  #response: Json | undefined;
  #isEnded = false;

  constructor({ start, decision, id }: { readonly start: AuditStart; readonly decision: AuditDecision; readonly id: string }, sink: AuditSink, world: Pick<World, "clock">) {
    this.id = id;
    this.#start = start;
    this.#decision = decision;
    this.#sink = sink;
    this.#world = world;
    this.#receivedMs = world.clock.nowMs();
  }

  /** The bytes the client sent. */
  noteRequest(body: Uint8Array): void {
    if (this.#tells("Request")) this.#request = this.#parse(body);
  }

  /** The bytes it is answered. */
  noteResponse(body: Uint8Array): void {
    // A refusal's Status tells why, whatever else is told.
    const parsed = this.#tells("RequestResponse") || body.length < statusBytesMax ? this.#parse(body) : undefined;
    if (this.#tells("RequestResponse") || (isJsonObject(parsed) && parsed["kind"] === "Status" && parsed["status"] === "Failure")) this.#response = parsed;
  }

  /** Tells of a stage, each at most once and none after the end. */
  tell(stage: AuditStage, { code, annotations = {} }: { readonly code?: number; readonly annotations?: Readonly<Record<string, string>> }): void {
    if (this.#isEnded) return;
    this.#isEnded = stage === "ResponseComplete" || stage === "Panic";
    if (!this.#decision.omitStages.has(stage)) this.#sink(`${JSON.stringify(this.#event(stage, code, annotations))}\n`);
  }

  #tells(level: AuditLevel): boolean {
    return !this.#start.isSecret && auditLevels.indexOf(this.#decision.level) >= auditLevels.indexOf(level);
  }

  #event(stage: AuditStage, code: number | undefined, annotations: Readonly<Record<string, string>>): JsonObject {
    const { who, actingAs, uri, verb, sourceIPs, userAgent } = this.#start;
    return {
      kind: "Event", apiVersion: "audit.k8s.io/v1", level: this.#start.isSecret ? "Metadata" : this.#decision.level, auditID: this.id, stage, requestURI: uri, verb,
      user: printUser(who), ...(actingAs === undefined ? {} : { impersonatedUser: printUser(actingAs) }),
      sourceIPs, ...(userAgent === undefined ? {} : { userAgent }), ...this.#objectRef(),
      ...(code === undefined ? {} : { responseStatus: this.#status(code) }),
      ...(this.#request === undefined || !this.#tells("Request") ? {} : { requestObject: this.#request }),
      ...(this.#response === undefined || !this.#tells("RequestResponse") ? {} : { responseObject: this.#response }),
      requestReceivedTimestamp: printMicroTime(this.#receivedMs), stageTimestamp: printMicroTime(this.#world.clock.nowMs()),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    };
  }

  #objectRef(): JsonObject {
    const { resource, version } = this.#start;
    if (resource === undefined) return {};
    const { group, namespace, name, subresource } = resource;
    return { objectRef: {
      resource: resource.resource, ...(namespace === "" ? {} : { namespace }), ...(name === "" ? {} : { name }), ...(group === "" ? {} : { apiGroup: group }),
      apiVersion: version, ...(subresource === undefined ? {} : { subresource }),
    } };
  }

  #status(code: number): JsonObject {
    const failure = isJsonObject(this.#response) && this.#response["kind"] === "Status" ? this.#response : {};
    const text = (field: string): JsonObject => (textOf(failure, field) === "" ? {} : { [field]: textOf(failure, field) });
    return { metadata: {}, ...text("status"), ...text("message"), ...text("reason"), code };
  }

  #parse(body: Uint8Array): Json | undefined {
    if (body.length === 0 || body.length > bodyBytesMax) return undefined;
    try {
      const parsed = body[0] === braceByte ? JSON.parse(new TextDecoder().decode(body)) as unknown : isEnvelope(body) ? parseProtobufBody(body) : undefined;
      return isJsonObject(parsed) && !isSecretObject(parsed) ? this.#trimmed(parsed) : undefined;
    } catch {
      // Neither JSON nor protobuf: YAML or a broken body are not told.
      return undefined;
    }
  }

  #trimmed(object: JsonObject): JsonObject {
    if (!this.#decision.omitManagedFields) return object;
    const trim = (one: JsonObject): JsonObject => (metadataOf(one)["managedFields"] === undefined ? one : withMetadata(one, { managedFields: undefined }));
    const { items } = object;
    return Array.isArray(items) ? { ...object, items: items.map((item: Json) => (isJsonObject(item) ? trim(item) : item)) } : trim(object);
  }
}

function printUser({ name, uid, groups, extra }: UserInfo): JsonObject {
  return { ...(name === "" ? {} : { username: name }), ...(uid === undefined ? {} : { uid }), ...(groups.length === 0 ? {} : { groups }), ...(extra === undefined ? {} : { extra }) };
}

/** True for an object, or a list of such, that may hold secrets, wherever it was sent. */
function isSecretObject(object: JsonObject): boolean {
  const kind = textOf(object, "kind");
  return findKind(textOf(object, "apiVersion"), kind.replace(/List$/, ""))?.secretPaths !== undefined || (Array.isArray(object["items"]) && object["items"].some((item: Json) => isJsonObject(item) && isSecretObject(item)));
}

/** A Status is no larger than this, and its first byte is a brace. */
const statusBytesMax = 16 * 1024;
const braceByte = 0x7b;
