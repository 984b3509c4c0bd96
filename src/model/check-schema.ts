import { isEqual } from "../value/equal.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { duplicate } from "./checks.ts";
import type { FieldError } from "./field-error.ts";
import type { Kind } from "./kind.ts";
import { notSupported } from "./print-field-error.ts";
import { fieldsOf, shapeOf, shapeOfValue } from "./schema.ts";
import type { Field } from "./schema.ts";

/** What is wrong with values beyond their types: required fields, closed sets, keys of lists. Expects types that are right. */
export function findSchemaErrors(kind: Pick<Kind, "message">, object: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkMessage(kind.message, object, { path: "", errors });
  return errors;
}

interface SchemaState {
  readonly path: string;
  readonly errors: FieldError[];
}

/** Required in the API's description, and yet taken when absent or empty. */
const absentAllowed = new Set([
  "discovery/v1.EndpointSlice.endpoints", "core/v1.NodeSelector.nodeSelectorTerms", "core/v1.ObjectReference", "meta/v1.LabelSelectorRequirement.operator",
  "core/v1.HTTPHeader.value", "core/v1.Sysctl.value", "core/v1.LimitRangeSpec.limits", "storage/v1.CSINodeSpec.drivers", "batch/v1.PodFailurePolicy.rules",
]);

/** What upstream adds to "Required value", where it says more. */
const requiredDetails: Readonly<Record<string, string>> = {
  "autoscaling/v2.ContainerResourceMetricSource.container": "must specify a container",
  "autoscaling/v2.ContainerResourceMetricSource.name": "must specify a resource name",
  "autoscaling/v2.MetricIdentifier.name": "must specify a metric name",
  "autoscaling/v2.MetricSpec.type": "must specify a metric source type",
  "autoscaling/v2.MetricTarget.type": "must specify a metric target type",
  "autoscaling/v2.ResourceMetricSource.name": "must specify a resource name",
  "core/v1.AppArmorProfile.type": "type is required when appArmorProfile is set",
  "core/v1.PodAffinityTerm.topologyKey": "can not be empty",
  "core/v1.SeccompProfile.type": "type is required when seccompProfile is set",
  "core/v1.TopologySpreadConstraint.topologyKey": "can not be empty",
  "networking/v1.HTTPIngressPath.pathType": "pathType must be specified",
  "rbac/v1.PolicyRule.verbs": "verbs must contain at least one value",
};

/** Lists with a key that upstream lets hold it twice, or that a kind checks with its own words. */
const repeatsAllowed = new Set(["env", "imagePullSecrets", "hostAliases", "ownerReferences", "volumeMounts", "volumeDevices", "topologySpreadConstraints", "conditions"]);

function checkMessage(message: string, value: JsonObject, { path, errors }: SchemaState): void {
  // Upstream's own required fields of a status are never checked: its writers are controllers.
  const isStatus = path === "status" && !message.startsWith("capstan/");
  for (const [name, field] of fieldsOf(message)) {
    const member = value[name] ?? undefined;
    if (member === undefined && field.required !== true) continue;
    const at = path === "" ? name : `${path}.${name}`;
    if (member === undefined || (member === "" && field.always === true)) {
      if (field.required === true && !isStatus && isMissing(`${message}.${name}`, field)) errors.push({ type: "Required", path: at, detail: requiredDetails[`${message}.${name}`] ?? "" });
    } else if (!(isStatus && shapeOf(field.type).kind !== "scalar")) {
      checkValue(field, field.type, member, { path: at, errors });
      if (Array.isArray(member)) checkKeys(name, field, member, { path: at, errors });
    }
  }
}

/** Zero and absent are one for upstream's numbers and booleans. */
function isMissing(place: string, field: Field): boolean {
  if (absentAllowed.has(place)) return false;
  const isText = field.type === "string" || shapeOf(field.type).kind !== "scalar";
  return field.always !== true || isText;
}

function checkValue(field: Field, type: string, value: Json, state: SchemaState): void {
  const shape = shapeOfValue(type, value);
  if (shape.kind === "message" && isJsonObject(value)) {
    checkMessage(shape.message, value, state);
  } else if (shape.kind === "list" && Array.isArray(value)) {
    value.forEach((item: Json, index) => checkValue(field, shape.item, item, { ...state, path: `${state.path}[${index}]` }));
  } else if (shape.kind === "map" && isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) if (item !== undefined) checkValue({ type: shape.item }, shape.item, item, { ...state, path: `${state.path}[${key}]` });
  } else if (field.enum !== undefined && typeof value === "string" && !field.enum.includes(value) && (value !== "" || field.pointer === true)) {
    state.errors.push(notSupported(state.path, value, field.enum));
  }
}

function checkKeys(name: string, field: Field, items: readonly Json[], { path, errors }: SchemaState): void {
  const keys = field.listMapKeys ?? [];
  const [key] = keys;
  if (field.listType !== "map" || keys.length !== 1 || key === undefined || repeatsAllowed.has(name)) return;
  const seen: (Json | undefined)[] = [];
  items.forEach((item, index) => {
    const value = isJsonObject(item) ? item[key] : undefined;
    if (value === undefined || value === "") return;
    if (seen.some((other) => isEqual(other, value))) errors.push(duplicate(`${path}[${index}].${key}`, value));
    seen.push(value);
  });
}
