import { checkDnsLabel, checkPortName, checkPortNumber } from "../../value/names.ts";
import { duplicate, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Container, ContainerPort } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkEnvironment } from "./_container-env.ts";
import { checkMounts } from "./_container-mounts.ts";
import type { MountableVolumes } from "./_container-mounts.ts";
import { checkProbes, checkUnprobed } from "./_container-probes.ts";
import { checkResources } from "./_container-resources.ts";
import { checkContainerSecurity } from "./_security-context.ts";

/** What a container's rules ask of its pod. */
export interface ContainerSurroundings {
  readonly volumes: MountableVolumes;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  readonly graceSeconds: number | undefined;
  readonly podRestartPolicy: string;
  readonly hasHostUsers: boolean;
}

interface ContainerPlace extends ContainerSurroundings {
  readonly path: string;
  readonly isInit: boolean;
}

const restartPolicies = ["Always", "Never", "OnFailure"];

/**
 * Checks one container of a pod, of those that run and those that prepare.
 * @see kubernetes pkg/apis/core/validation/validation.go validateContainers, validateInitContainers
 */
export function checkContainer(container: Container, { path, isInit, ...surroundings }: ContainerPlace): readonly FieldError[] {
  const isLasting = !isInit || container.restartPolicy === "Always";
  return [
    ...checkContainerBody(container, path, surroundings),
    ...(isLasting ? checkProbes(container, { path, graceSeconds: surroundings.graceSeconds }) : checkUnprobed(container, path)),
    ...(container.restartPolicy === undefined || restartPolicies.includes(container.restartPolicy) ? [] : [notSupported(`${path}.restartPolicy`, container.restartPolicy, restartPolicies)]),
  ];
}

/** What holds for every container, those for debugging too. */
export function checkContainerBody(container: Container, path: string, { volumes, claims, podRestartPolicy, hasHostUsers }: Omit<ContainerSurroundings, "graceSeconds">): readonly FieldError[] {
  return [
    ...invalidEach(`${path}.name`, container.name, checkDnsLabel(container.name)),
    ...checkImage(container.image ?? "", `${path}.image`),
    ...checkPorts(container.ports ?? [], `${path}.ports`),
    ...checkEnvironment(container, path),
    ...checkMounts(container, path, volumes),
    ...(container.resources === undefined ? [] : checkResources(container.resources, `${path}.resources`, claims)),
    ...checkResizePolicy(container, `${path}.resizePolicy`, podRestartPolicy),
    ...(container.securityContext === undefined ? [] : checkContainerSecurity(container.securityContext, `${path}.securityContext`, { hasHostUsers })),
  ];
}

function checkImage(image: string, path: string): readonly FieldError[] {
  if (image === "") return [required(path)];
  return image.trim() === image ? [] : [invalid(path, image, "must not have leading or trailing whitespace")];
}

function checkPorts(ports: readonly ContainerPort[], path: string): readonly FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = "", containerPort, hostPort = 0 }, index): readonly FieldError[] => {
    const at = `${path}[${index}]`;
    const isRepeated = names.has(name);
    if (name !== "") names.add(name);
    return [
      ...(name === "" ? [] : invalidEach(`${at}.name`, name, checkPortName(name))),
      ...(isRepeated ? [duplicate(`${at}.name`, name)] : []),
      ...(containerPort === 0 ? [required(`${at}.containerPort`)] : invalidEach(`${at}.containerPort`, containerPort, checkPortNumber(containerPort))),
      ...(hostPort === 0 ? [] : invalidEach(`${at}.hostPort`, hostPort, checkPortNumber(hostPort))),
    ];
  });
}

function checkResizePolicy({ resizePolicy = [] }: Container, path: string, podRestartPolicy: string): readonly FieldError[] {
  return resizePolicy.flatMap(({ resourceName, restartPolicy }, index): readonly FieldError[] => [
    ...(resizePolicy.findIndex((other) => other.resourceName === resourceName) < index ? [duplicate(`${path}[${index}]`, resourceName)] : []),
    ...(resourceName === "cpu" || resourceName === "memory" ? [] : [notSupported(path, resourceName, ["cpu", "memory"])]),
    ...(podRestartPolicy === "Never" && restartPolicy !== "NotRequired" ? [invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'")] : []),
  ]);
}
