import { ComponentStatusKind } from "../../model/kinds/component-status.ts";
import type { ComponentStatus } from "../../model/kinds/component-status.ts";
import { deepFreeze } from "../../value/freeze.ts";
import { encodeView } from "../encode.ts";
import { accessDenied, notFound } from "../errors.ts";
import { jsonOf } from "../shape.ts";
import type { StoredObject } from "../verbs.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge, HealthCheck } from "./edge.ts";
import { chooseFormat } from "./media-type.ts";
import { listAnswer, objectAnswer } from "./object-answer.ts";
import { parseIncludeObject } from "./request-options.ts";

/** What clients look for by name, as upstream calls it, and which check of ours stands for it: the daemon runs all of its controllers, or none. */
const components: readonly (readonly [name: string, check: string])[] = [["scheduler", "daemon"], ["controller-manager", "daemon"], ["etcd-0", "etcd"]];

/** The health of the control plane's parts, as `kubectl get componentstatuses` asks for it. Throws Forbidden, and NotFound for a part there is not. */
export async function answerComponents(edge: Edge, request: EdgeRequest, name: string | undefined): Promise<Answer> {
  const { user } = request.caller;
  const access = { verb: name === undefined ? "list" : "get", group: "", resource: ComponentStatusKind.plural, ...(name === undefined ? {} : { name }) };
  if (!edge.authorizer.isAllowed(user, access)) throw accessDenied(user.name, access);
  const format = chooseFormat(request.accept);
  const options = { kind: ComponentStatusKind, format, includeObject: parseIncludeObject(request.query, format), nowMs: edge.world.clock.nowMs() };
  const checks = edge.readiness();
  const items = components.map(([component, check]) => storedOf(statusOf(component, checks.find((one) => one.name === check))));
  if (name === undefined) return listAnswer({ items, resourceVersion: "" }, options);
  const found = items.find((item) => item.name === name);
  if (found === undefined) throw notFound(ComponentStatusKind, name);
  return objectAnswer(found, options);
}

/** A part that nobody checks is there: without it there would be no answer. */
function statusOf(name: string, check: HealthCheck | undefined): ComponentStatus {
  const condition = check === undefined || check.isReady ? { type: "Healthy", status: "True", message: "ok" } : { type: "Healthy", status: "False", message: check.message ?? "not ready yet" };
  return { apiVersion: "v1", kind: "ComponentStatus", metadata: { name }, conditions: [condition] };
}

function storedOf(status: ComponentStatus): StoredObject {
  const object = deepFreeze(status);
  return { namespace: "", name: status.metadata.name, revision: 0, bytes: () => encodeView(ComponentStatusKind, jsonOf(object), 0), object: () => object };
}
