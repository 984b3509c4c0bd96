import { ApiError } from "../../model/api-error.ts";
import { apiVersionOf } from "../../model/kind.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { asJson } from "../../value/json.ts";
import { notFound } from "../errors.ts";
import { jsonOf } from "../shape.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { chooseContainer, logsOf, nodeOf } from "./pod-logs.ts";
import { systemCaller } from "./system-caller.ts";

const logsPath = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/;

/**
 * Answers what a kubelet would at its own port: its health, its pods, the logs of their containers. Node agents listen nowhere: the rest of a
 * kubelet's paths is not found. The right to the proxy was checked. Throws NotFound for a node that is not there, ServiceUnavailable while its agent is away.
 */
export async function answerNodeProxy(edge: Edge, request: EdgeRequest, { name, path }: { readonly name: string; readonly path: string }): Promise<Answer> {
  const caller = systemCaller(request.caller);
  await edge.verbs.get(caller, NodeKind, { namespace: "", name });
  nodeOf(edge, name);
  if (request.method !== "GET") throw new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  if (path === "/healthz") return textAnswer("ok");
  if (path === "/pods" || path === "/pods/") {
    const { items } = await edge.verbs.list(caller, PodKind, { fieldSelector: `spec.nodeName=${name}` });
    return jsonAnswer(asJson({ kind: "PodList", apiVersion: apiVersionOf(PodKind), metadata: {}, items: items.map((stored) => jsonOf(stored.object())) }));
  }
  const [, namespace, pod, container] = logsPath.exec(path) ?? [];
  if (namespace === undefined || pod === undefined || container === undefined) return textAnswer("404 page not found\n", 404);
  const found = (await edge.verbs.get(caller, PodKind, { namespace, name: pod })).object() as Pod;
  if (found.spec.nodeName !== name) throw notFound(PodKind, pod);
  chooseContainer(found, container);
  return logsOf(edge, request, { pod: found, container, nodeName: name });
}
