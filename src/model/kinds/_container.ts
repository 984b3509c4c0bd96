import { checkDnsLabel, checkEnvName, checkPortName, checkPortNumber, checkQualifiedName } from "../../value/names.ts";
import { compareQuantities, parseQuantity, printQuantity } from "../../value/quantity.ts";
import type { FieldError } from "../field-error.ts";
import type { Container, EnvVar, Lifecycle, Probe } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";

interface ContainerPlace {
  readonly path: string;
  readonly volumeNames: ReadonlySet<string>;
  readonly isInit: boolean;
}

/** Checks one container of a pod. */
export function checkContainer(container: Container, { path, volumeNames, isInit }: ContainerPlace): readonly FieldError[] {
  const errors: FieldError[] = checkDnsLabel(container.name).map((detail) => ({ type: "Invalid", path: `${path}.name`, value: container.name, detail }));
  const image = container.image ?? "";
  if (image === "") errors.push({ type: "Required", path: `${path}.image`, detail: "" });
  else if (image.trim() !== image) errors.push({ type: "Invalid", path: `${path}.image`, value: image, detail: "must not have leading or trailing whitespace" });
  errors.push(...checkPorts(container, path));
  (container.env ?? []).forEach((env, index) => errors.push(...checkEnv(env, `${path}.env[${index}]`)));
  errors.push(...checkMounts(container, path, volumeNames), ...checkResources(container, path));
  const isSidecar = container.restartPolicy === "Always";
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = container[name];
    if (probe === undefined) continue;
    if (isInit && !isSidecar) errors.push({ type: "Forbidden", path: `${path}.${name}`, detail: "may not be set for init containers without restartPolicy=Always" });
    else errors.push(...checkProbe(probe, `${path}.${name}`, name));
  }
  if (container.lifecycle !== undefined) {
    if (isInit && !isSidecar) errors.push({ type: "Forbidden", path: `${path}.lifecycle`, detail: "may not be set for init containers without restartPolicy=Always" });
    else errors.push(...checkLifecycle(container.lifecycle, `${path}.lifecycle`));
  }
  if (container.restartPolicy !== undefined && !["Always", "OnFailure", "Never"].includes(container.restartPolicy)) {
    errors.push(notSupported(`${path}.restartPolicy`, container.restartPolicy, ["Always", "OnFailure", "Never"]));
  }
  return errors;
}

function checkPorts(container: Container, path: string): readonly FieldError[] {
  const names = new Set<string>();
  return (container.ports ?? []).flatMap((port, index): readonly FieldError[] => {
    const at = `${path}.ports[${index}]`;
    const errors: FieldError[] = [];
    if (port.name !== undefined && port.name !== "") {
      errors.push(...checkPortName(port.name).map((detail) => ({ type: "Invalid", path: `${at}.name`, value: port.name, detail }) as const));
      if (names.has(port.name)) errors.push({ type: "Duplicate", path: `${at}.name`, value: port.name, detail: "" });
      names.add(port.name);
    }
    errors.push(...checkPortNumber(port.containerPort).map((detail) => ({ type: "Invalid", path: `${at}.containerPort`, value: port.containerPort, detail }) as const));
    if (port.hostPort !== undefined && port.hostPort !== 0) errors.push(...checkPortNumber(port.hostPort).map((detail) => ({ type: "Invalid", path: `${at}.hostPort`, value: port.hostPort, detail }) as const));
    return errors;
  });
}

function checkEnv(env: EnvVar, path: string): readonly FieldError[] {
  const errors: FieldError[] = env.name === "" ? [] : checkEnvName(env.name).map((detail) => ({ type: "Invalid", path: `${path}.name`, value: env.name, detail }));
  if (env.valueFrom === undefined) return errors;
  const sources = Object.values(env.valueFrom).filter((source) => source !== undefined).length;
  if ((env.value ?? "") !== "") errors.push({ type: "Invalid", path: `${path}.valueFrom`, value: "", detail: "may not be specified when `value` is not empty" });
  if (sources === 0) errors.push({ type: "Invalid", path: `${path}.valueFrom`, value: "", detail: "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`" });
  if (sources > 1) errors.push({ type: "Invalid", path: `${path}.valueFrom`, value: "", detail: "may not have more than one field specified at a time" });
  for (const name of ["configMapKeyRef", "secretKeyRef"] as const) {
    const source = env.valueFrom[name];
    if (source !== undefined && (source.name ?? "") === "") errors.push({ type: "Required", path: `${path}.valueFrom.${name}.name`, detail: "" });
  }
  return errors;
}

function checkMounts(container: Container, path: string, volumeNames: ReadonlySet<string>): readonly FieldError[] {
  const seen = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, index): readonly FieldError[] => {
    const at = `${path}.volumeMounts[${index}]`;
    const errors: FieldError[] = [];
    if (!volumeNames.has(mount.name)) errors.push({ type: "NotFound", path: `${at}.name`, value: mount.name, detail: "" });
    if (seen.has(mount.mountPath)) errors.push({ type: "Invalid", path: `${at}.mountPath`, value: mount.mountPath, detail: "must be unique" });
    seen.add(mount.mountPath);
    for (const field of ["subPath", "subPathExpr"] as const) {
      const value = mount[field] ?? "";
      if (value.startsWith("/")) errors.push({ type: "Invalid", path: `${at}.${field}`, value, detail: "must be a relative path" });
      if (value.split("/").includes("..")) errors.push({ type: "Invalid", path: `${at}.${field}`, value, detail: "must not contain '..'" });
    }
    return errors;
  });
}

function checkResources(container: Container, path: string): readonly FieldError[] {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const errors: FieldError[] = [];
  for (const [list, amounts] of [["limits", limits], ["requests", requests]] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      const at = `${path}.resources.${list}[${name}]`;
      errors.push(...checkQualifiedName(name).map((detail) => ({ type: "Invalid", path: at, value: name, detail }) as const));
      if (parseQuantity(amount).nanos < 0n) errors.push({ type: "Invalid", path: at, value: amount, detail: "must be greater than or equal to 0" });
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined && compareQuantities(parseQuantity(amount), parseQuantity(limit)) > 0) {
      errors.push({ type: "Invalid", path: `${path}.resources.requests`, value: printQuantity(parseQuantity(amount)), detail: `must be less than or equal to ${name} limit of ${printQuantity(parseQuantity(limit))}` });
    }
  }
  return errors;
}

/** How a probe or hook may act; exactly one. */
const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function checkProbe(probe: Probe, path: string, name: string): readonly FieldError[] {
  const errors = [...checkHandler(probe, path)];
  for (const field of ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const) {
    const value = probe[field] ?? 0;
    if (value < 0) errors.push({ type: "Invalid", path: `${path}.${field}`, value, detail: "must be greater than or equal to 0" });
  }
  if (name !== "readinessProbe" && (probe.successThreshold ?? 1) !== 1) errors.push({ type: "Invalid", path: `${path}.successThreshold`, value: probe.successThreshold, detail: "must be 1" });
  return errors;
}

function checkLifecycle(lifecycle: Lifecycle, path: string): readonly FieldError[] {
  return (["postStart", "preStop"] as const).flatMap((name) => {
    const hook = lifecycle[name];
    return hook === undefined ? [] : checkHandler(hook, `${path}.${name}`);
  });
}

interface Handler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: { readonly port: number | string };
  readonly tcpSocket?: { readonly port: number | string };
  readonly grpc?: object;
  readonly sleep?: object;
}

function checkHandler(handler: Handler, path: string): readonly FieldError[] {
  const given = handlers.filter((name) => handler[name] !== undefined);
  if (given.length === 0) return [{ type: "Required", path, detail: "must specify a handler type" }];
  const errors: FieldError[] = given.slice(1).map((name) => ({ type: "Forbidden", path: `${path}.${name}`, detail: "may not specify more than 1 handler type" }));
  if (handler.exec !== undefined && (handler.exec.command ?? []).length === 0) errors.push({ type: "Required", path: `${path}.exec.command`, detail: "" });
  for (const name of ["httpGet", "tcpSocket"] as const) {
    const port = handler[name]?.port;
    if (port === undefined) continue;
    const problems = typeof port === "number" ? checkPortNumber(port) : checkPortName(port);
    errors.push(...problems.map((detail) => ({ type: "Invalid", path: `${path}.${name}.port`, value: port, detail }) as const));
  }
  return errors;
}
