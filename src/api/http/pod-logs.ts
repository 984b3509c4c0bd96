import { ApiError } from "../../model/api-error.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { ObjectRef } from "../../model/object.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { LogOptions, NodeConnection } from "../nodes.ts";
import type { Caller } from "../verbs.ts";
import { accessDenied } from "../errors.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import { textAnswer } from "./answer.ts";
import { begunStream } from "./begun-stream.ts";
import type { Edge } from "./edge.ts";
import { parseLogOptions } from "./request-options.ts";
import { systemCaller } from "./system-caller.ts";

/** Which container a log request means. Throws BadRequest with upstream's texts. Pure. */
export function chooseContainer(pod: Pod, wanted: string | undefined): string {
  const containers = (pod.spec?.containers ?? []).map((container) => container.name);
  const initContainers = (pod.spec?.initContainers ?? []).map((container) => container.name);
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map((container) => container.name ?? "");
  const { name } = pod.metadata;
  if (wanted !== undefined && wanted !== "") {
    if ([...containers, ...initContainers, ...ephemeral].includes(wanted)) return wanted;
    throw new ApiError("BadRequest", `container ${wanted} is not valid for pod ${name}`);
  }
  const [only, ...others] = containers;
  if (only !== undefined && others.length === 0 && initContainers.length === 0 && ephemeral.length === 0) return only;
  const parts = [
    containers.length === 0 ? "" : `, choose one of: [${containers.join(" ")}]`,
    initContainers.length === 0 ? "" : ` or one of the init containers: [${initContainers.join(" ")}]`,
    ephemeral.length === 0 ? "" : ` or one of the ephemeral containers: [${ephemeral.join(" ")}]`,
  ];
  throw new ApiError("BadRequest", `a container name must be specified for pod ${name}${parts.join("")}`);
}

/** Why a container has no log yet; undefined when it may have one. Texts as the kubelet's. Pure. */
export function whyNoLog(pod: Pod, container: string, isPrevious: boolean): string | undefined {
  const { name } = pod.metadata;
  const status = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.ephemeralContainerStatuses ?? [])]
    .find((candidate) => candidate.name === container);
  if (status === undefined) return `container "${container}" in pod "${name}" is not available`;
  if (isPrevious) return status.lastState?.terminated === undefined ? `previous terminated container "${container}" in pod "${name}" not found` : undefined;
  const waiting = status.state?.waiting;
  if (waiting === undefined || status.lastState?.terminated !== undefined) return undefined;
  const reason = waiting.reason ?? "ContainerCreating";
  if (reason === "ErrImagePull" || reason === "ImagePullBackOff") {
    return `container "${container}" in pod "${name}" is waiting to start: ${reason === "ErrImagePull" ? "image can't be pulled" : "trying and failing to pull image"}`;
  }
  return `container "${container}" in pod "${name}" is waiting to start: ${reason}`;
}

/** The node a pod runs on. Throws ServiceUnavailable while its agent is away. */
export function nodeOf(edge: Edge, nodeName: string): NodeConnection {
  const node = edge.nodes.of(nodeName);
  if (node === undefined) throw new ApiError("ServiceUnavailable", `the agent of node "${nodeName}" is not connected; its logs come back with it`);
  return node;
}

/** A pod, for whoever may use this subresource of it. Throws Forbidden. */
export async function podFor(edge: Edge, caller: Caller, use: { readonly verb: string; readonly subresource: string; readonly ref: ObjectRef }): Promise<Pod> {
  const { verb, subresource, ref } = use;
  const attributes = { verb, group: "", resource: "pods", subresource, namespace: ref.namespace, name: ref.name };
  if (!edge.authorizer.isAllowed(caller.user, attributes)) throw accessDenied(caller.user.name, attributes);
  return (await edge.verbs.get(systemCaller(caller), PodKind, ref)).object() as Pod;
}

/** Streams the log of one container from the node the pod runs on. Throws ApiError. */
export async function answerLogs(edge: Edge, request: EdgeRequest, ref: ObjectRef): Promise<Answer> {
  const { container: wanted } = parseLogOptions(request.query);
  const pod = await podFor(edge, request.caller, { verb: "get", subresource: "log", ref });
  const container = chooseContainer(pod, wanted);
  const nodeName = pod.spec?.nodeName ?? "";
  return nodeName === "" ? textAnswer("") : logsOf(edge, request, { pod, container, nodeName });
}

/** The same for whoever was let in already. */
export async function logsOf(edge: Edge, request: EdgeRequest, { pod, container, nodeName }: { readonly pod: Pod; readonly container: string; readonly nodeName: string }): Promise<Answer> {
  const options = parseLogOptions(request.query);
  const missing = whyNoLog(pod, container, options.previous ?? false);
  if (missing !== undefined) throw new ApiError("BadRequest", missing);
  const node = nodeOf(edge, nodeName);
  const name = { namespace: pod.metadata.namespace ?? "", name: pod.metadata.name, uid: pod.metadata.uid ?? "" };
  const asked: LogOptions = { ...options, container };
  return { kind: "stream", contentType: "text/plain", chunks: await begunStream(node.logs(name, asked, request.signal), { turns: refusalTurns }) };
}

/** Turns of the event loop a node in this process may take to refuse. */
const refusalTurns = 20;
