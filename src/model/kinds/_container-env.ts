import { checkConfigKey, checkDnsSubdomain, checkEnvName, checkQualifiedName } from "../../value/names.ts";
import { parseQuantity, printQuantity } from "../../value/quantity.ts";
import { checkPresent, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Container, EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";

/** What a variable may take from its pod. */
const podFields = ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

/** The same under a name pods once had. */
const renamedFields: Readonly<Record<string, string>> = { "spec.host": "spec.nodeName" };

/** What the downward API knows of a pod; anything else is no field label at all. */
const fieldLabels: ReadonlySet<string> = new Set([...podFields, ...Object.keys(renamedFields), "metadata.labels", "metadata.annotations", "spec.restartPolicy", "spec.schedulerName", "status.phase"]);

const containerFields = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

const byteUnits = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/** In what a resource may be told, and what upstream calls it. */
const divisors: readonly (readonly [names: RegExp, units: readonly string[], words: string])[] = [
  [/^(limits|requests)\.cpu$/, ["1m", "1"], "1m and 1 are supported with the cpu resource"],
  [/^(limits|requests)\.memory$/, byteUnits, `${byteUnits.join(", ")} are supported with the memory resource`],
  [/^(limits|requests)\.ephemeral-storage$/, byteUnits, `${byteUnits.join(", ")} are supported with the local ephemeral storage resource`],
  [/^(limits|requests)\.hugepages-/, byteUnits, `${byteUnits.join(", ")} are supported with the hugepages resource`],
];

/**
 * Checks the environment of a container.
 * @see kubernetes pkg/apis/core/validation/validation.go ValidateEnv, ValidateEnvFrom
 */
export function checkEnvironment({ env = [], envFrom = [] }: Pick<Container, "env" | "envFrom">, path: string): readonly FieldError[] {
  return [
    ...env.flatMap((variable, index) => checkVariable(variable, `${path}.env[${index}]`)),
    ...envFrom.flatMap((source, index) => checkSource(source, `${path}.envFrom`, `${path}.envFrom[${index}]`)),
  ];
}

function checkVariable(env: EnvVar, path: string): readonly FieldError[] {
  const name = env.name === "" ? [required(`${path}.name`)] : invalidEach(`${path}.name`, env.name, checkEnvName(env.name));
  return env.valueFrom === undefined ? name : [...name, ...checkValueFrom(env.valueFrom, env.value ?? "", `${path}.valueFrom`)];
}

function checkValueFrom(from: EnvVarSource, value: string, path: string): readonly FieldError[] {
  const count = Object.values(from).filter((source) => source !== undefined).length;
  return [
    ...(from.fieldRef === undefined ? [] : checkFieldRef(from.fieldRef, podFields, `${path}.fieldRef`)),
    ...(from.resourceFieldRef === undefined ? [] : checkResourceFieldRef(from.resourceFieldRef, `${path}.resourceFieldRef`, { isVolume: false })),
    ...(["configMapKeyRef", "secretKeyRef"] as const).flatMap((name): readonly FieldError[] => {
      const ref = from[name];
      if (ref === undefined) return [];
      const at = `${path}.${name}`;
      return [...invalidEach(`${at}.name`, ref.name ?? "", checkDnsSubdomain(ref.name ?? "")), ...invalidEach(`${at}.key`, ref.key, checkConfigKey(ref.key))];
    }),
    ...checkCount(count, value, path),
  ];
}

function checkCount(count: number, value: string, path: string): readonly FieldError[] {
  if (count === 0) return [invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`")];
  if (value !== "") return [invalid(path, "", "may not be specified when `value` is not empty")];
  return count > 1 ? [invalid(path, "", "may not have more than one field specified at a time")] : [];
}

/** Checks what is taken from a field of the pod: by name, or one label or annotation by its key. */
export function checkFieldRef({ apiVersion = "v1", fieldPath }: ObjectFieldSelector, supported: readonly string[], path: string): readonly FieldError[] {
  const at = `${path}.fieldPath`;
  if (fieldPath === "") return [required(at)];
  if (apiVersion !== "v1") return [invalid(at, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`)];
  const [, owner = "", key = ""] = /^(.*)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  if (owner !== "") {
    if (owner === "metadata.annotations") return invalidEach(path, key.toLowerCase(), checkQualifiedName(key.toLowerCase()));
    if (owner === "metadata.labels") return invalidEach(path, key, checkQualifiedName(key));
    return [invalid(at, fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`)];
  }
  const name = renamedFields[fieldPath] ?? fieldPath;
  if (!fieldLabels.has(fieldPath)) return [invalid(at, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  return supported.includes(name) ? [] : [notSupported(at, name, supported)];
}

/** Checks what is taken from a container's resources; a volume says of which container. */
export function checkResourceFieldRef({ resource, containerName = "", divisor }: ResourceFieldSelector, path: string, { isVolume }: { readonly isVolume: boolean }): readonly FieldError[] {
  const errors = isVolume && containerName === "" ? checkPresent(`${path}.containerName`, containerName)
    : containerFields.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource) ? [] : [notSupported(`${path}.resource`, resource, containerFields)];
  if (divisor === undefined || parseQuantity(divisor).nanos === 0n) return errors;
  const [, units = [], words = ""] = divisors.find(([names]) => names.test(resource)) ?? [];
  const isRight = units.length === 0 || units.includes(printQuantity(parseQuantity(divisor)));
  return isRight ? errors : [...errors, invalid(`${path}.divisor`, resource, `only divisor's values ${words}`)];
}

function checkSource({ prefix = "", configMapRef, secretRef }: EnvFromSource, list: string, path: string): readonly FieldError[] {
  const count = [configMapRef, secretRef].filter((ref) => ref !== undefined).length;
  return [
    ...(prefix === "" ? [] : invalidEach(`${path}.prefix`, prefix, checkEnvName(prefix))),
    ...([["configMapRef", configMapRef], ["secretRef", secretRef]] as const).flatMap(([name, ref]): readonly FieldError[] => {
      if (ref === undefined) return [];
      const value = ref.name ?? "";
      return value === "" ? [required(`${path}.${name}.name`)] : invalidEach(`${path}.${name}.name`, value, checkDnsSubdomain(value));
    }),
    ...(count === 0 ? [invalid(list, "", "must specify one of: `configMapRef` or `secretRef`")] : []),
    ...(count > 1 ? [invalid(list, "", "may not have more than one field specified at a time")] : []),
  ];
}
