import { checkPortName, checkPortNumber } from "../../value/names.ts";
import { forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from "../generated/core-v1.ts";
import { checkNotNegative } from "./_counts.ts";

/** How a probe or hook may act; exactly one. */
const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

type Handler = LifecycleHandler & Pick<Probe, "grpc">;

interface ProbedPlace {
  readonly path: string;
  /** Of the pod; undefined where it is not known. */
  readonly graceSeconds: number | undefined;
}

/**
 * Checks the hooks and probes of a container that lives as long as its pod.
 * @see kubernetes pkg/apis/core/validation/validation.go validateProbe, validateLifecycle
 */
export function checkProbes(container: Container, { path, graceSeconds }: ProbedPlace): readonly FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...(lifecycle === undefined ? [] : checkLifecycle(lifecycle, { path: `${path}.lifecycle`, graceSeconds })),
    ...(livenessProbe === undefined ? [] : [...checkProbe(livenessProbe, `${path}.livenessProbe`), ...checkSuccesses(livenessProbe, `${path}.livenessProbe`)]),
    ...(readinessProbe === undefined ? [] : [...checkProbe(readinessProbe, `${path}.readinessProbe`), ...checkNoGrace(readinessProbe, `${path}.readinessProbe`)]),
    ...(startupProbe === undefined ? [] : [...checkProbe(startupProbe, `${path}.startupProbe`), ...checkSuccesses(startupProbe, `${path}.startupProbe`)]),
  ];
}

/** An init container that ends has neither. */
export function checkUnprobed(container: Container, path: string): readonly FieldError[] {
  return (["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const)
    .flatMap((name) => (container[name] === undefined ? [] : [forbidden(`${path}.${name}`, "may not be set for init containers without restartPolicy=Always")]));
}

function checkProbe(probe: Probe, path: string): readonly FieldError[] {
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...checkHandler(probe, { path, graceSeconds: undefined }),
    ...(["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const).flatMap((field) => checkNotNegative(`${path}.${field}`, probe[field])),
    ...(grace !== undefined && grace <= 0 ? [invalid(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0")] : []),
  ];
}

function checkSuccesses({ successThreshold = 1 }: Probe, path: string): readonly FieldError[] {
  return successThreshold === 1 ? [] : [invalid(`${path}.successThreshold`, successThreshold, "must be 1")];
}

function checkNoGrace({ terminationGracePeriodSeconds: grace }: Probe, path: string): readonly FieldError[] {
  return grace === undefined ? [] : [invalid(`${path}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes")];
}

function checkLifecycle(lifecycle: Lifecycle, { path, graceSeconds }: ProbedPlace): readonly FieldError[] {
  return (["postStart", "preStop"] as const).flatMap((name) => {
    const hook = lifecycle[name];
    return hook === undefined ? [] : checkHandler(hook, { path: `${path}.${name}`, graceSeconds });
  });
}

function checkHandler(handler: Handler, { path, graceSeconds }: ProbedPlace): readonly FieldError[] {
  const [first, ...more] = handlers.filter((name) => handler[name] !== undefined);
  if (first === undefined) return [required(path, "must specify a handler type")];
  return [...checkAction(first, handler, { path: `${path}.${first}`, graceSeconds }), ...more.map((name) => forbidden(`${path}.${name}`, "may not specify more than 1 handler type"))];
}

function checkAction(name: (typeof handlers)[number], handler: Handler, { path, graceSeconds }: ProbedPlace): readonly FieldError[] {
  switch (name) {
    case "exec": return (handler.exec?.command ?? []).length === 0 ? [required(`${path}.command`)] : [];
    case "httpGet": return handler.httpGet === undefined ? [] : checkHttpGet(handler.httpGet, path);
    case "tcpSocket": return handler.tcpSocket === undefined ? [] : checkPort(handler.tcpSocket.port, `${path}.port`);
    case "grpc": return handler.grpc === undefined ? [] : checkPort(handler.grpc.port, `${path}.port`);
    case "sleep": {
      const seconds = handler.sleep?.seconds ?? 0;
      const isWithin = graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds);
      return isWithin ? [] : [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`)];
    }
  }
}

function checkHttpGet({ port, httpHeaders = [] }: HTTPGetAction, path: string): readonly FieldError[] {
  return [
    ...checkPort(port, `${path}.port`),
    ...httpHeaders.flatMap(({ name }) => (/^[-A-Za-z0-9]+$/.test(name) ? []
      : [invalid(`${path}.httpHeaders`, name, "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')")])),
  ];
}

/** Checks a port by number or name; one that is not said counts as 0. */
export function checkPort(port: number | string = 0, path: string): readonly FieldError[] {
  return invalidEach(path, port, typeof port === "number" ? checkPortNumber(port) : checkPortName(port));
}
