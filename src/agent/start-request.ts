import type { Container, Pod } from "../model/generated/core-v1.ts";
import type { EnvContext } from "./container-env.ts";
import { containerEnv } from "./container-env.ts";
import { expandReferences } from "./expand.ts";
import type { ContainerMount, StartRequest } from "./runtimes/runtime.ts";
import { RuntimeProblem } from "./runtimes/runtime.ts";

/** Where programs write why they ended, unless the pod says otherwise (kubernetes pkg/apis/core/v1/defaults.go). */
export const terminationMessagePathDefault = "/dev/termination-log";

/** Everything needed to start one run of a container. Throws RuntimeProblem CreateContainerConfigError for what is missing. */
export function startRequest(pod: Pod, container: Container, context: EnvContext & { readonly attempt: number; readonly backoffMs: number }): StartRequest {
  const env = containerEnv(pod, container, context);
  const expand = (text: string) => expandReferences(text, (name) => env.get(name));
  const runAsUser = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const runAsGroup = container.securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup;
  const isNonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (isNonRoot === true && (runAsUser === undefined || runAsUser === 0)) {
    throw new RuntimeProblem("CreateContainerConfigError", "container has runAsNonRoot and image will run as root: set securityContext.runAsUser to another user than 0");
  }
  return {
    uid: pod.metadata.uid ?? "", name: container.name, image: container.image ?? "", attempt: context.attempt, backoffMs: context.backoffMs,
    command: [...(container.command ?? []), ...(container.args ?? [])].map(expand),
    ...(container.workingDir === undefined || container.workingDir === "" ? {} : { workingDir: container.workingDir }),
    env: [...env].map(([name, value]) => ({ name, value })),
    mounts: (container.volumeMounts ?? []).map((mount): ContainerMount => ({
      volume: mount.name, mountPath: mount.mountPath, isReadOnly: mount.readOnly === true,
      subPath: checkedSubPath(mount.subPathExpr === undefined ? mount.subPath ?? "" : expand(mount.subPathExpr)),
    })),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: [...(pod.spec.securityContext?.supplementalGroups ?? []), ...(pod.spec.securityContext?.fsGroup === undefined ? [] : [pod.spec.securityContext.fsGroup])],
    terminationMessagePath: container.terminationMessagePath ?? terminationMessagePathDefault,
    ...(container.stdin === true ? { input: container.stdinOnce === true ? "once" : "open" } : {}),
    ...(container.tty === true ? { isTerminal: true } : {}),
    ...(pod.spec.initContainers?.includes(container) === true && container.restartPolicy !== "Always" ? { isInit: true } : {}),
    isLogUsedAsMessage: container.terminationMessagePolicy === "FallbackToLogsOnError",
  };
}

function checkedSubPath(subPath: string): string {
  if (subPath.startsWith("/") || subPath.split("/").includes("..") || subPath.includes("\0")) {
    throw new RuntimeProblem("CreateContainerConfigError", `subPath "${subPath}" must be relative and stay inside the volume`);
  }
  return subPath;
}
