import { readField } from "../../value/field-path.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { FieldError } from "../field-error.ts";
import { notSupported } from "../print-field-error.ts";
import { userMetadata, withFieldsOf } from "../subresource.ts";
import type { Part } from "../subresource.ts";

const conditionsPath = "status.conditions";

/** Conditions by which people decide; the rest of the status belongs to the signer. */
const isDecision = ({ type }: JsonObject): boolean => type === "Approved" || type === "Denied";

/** The two parts of a certificate request's status: who approves does not sign, and who signs does not approve. */
export const requestParts: readonly Part[] = [
  { type: "part", name: "approval", verbs: ["get", "patch", "update"], fields: [conditionsPath], metadata: userMetadata, check: checkDecisions },
  {
    type: "part", name: "status", verbs: ["get", "patch", "update"], fields: ["status"], metadata: userMetadata, isOnlyWay: true,
    merge(old, sent) {
      const written = withFieldsOf(old, sent, ["status"]);
      const conditions = [...conditionsOf(old).filter(isDecision), ...conditionsOf(sent).filter((condition) => !isDecision(condition))];
      return conditions.length === 0 ? written : withFieldsOf(written, { status: { conditions } }, [conditionsPath]);
    },
  },
];

/** @see kubernetes pkg/apis/certificates/validation ValidateCertificateSigningRequestApprovalUpdate */
function checkDecisions(request: JsonObject, old: JsonObject): readonly FieldError[] {
  const types = conditionsOf(request).filter(isDecision).map(({ type }) => type);
  const removed = conditionsOf(old).filter(isDecision).filter(({ type }) => !types.includes(type));
  const untrue = conditionsOf(request).flatMap(({ type, status }, index): readonly FieldError[] => (
    (type === "Approved" || type === "Denied") && status !== "True" && status !== undefined ? [notSupported(`${conditionsPath}[${index}].status`, status, ["True"])] : []));
  return [
    ...untrue,
    ...(types.includes("Approved") && types.includes("Denied") ? [{ type: "Invalid", path: conditionsPath, value: "Denied", detail: "Approved and Denied conditions are mutually exclusive" } as const] : []),
    ...removed.map(({ type }): FieldError => ({ type: "Forbidden", path: conditionsPath, detail: `updates may not remove a condition of type ${JSON.stringify(type)}` })),
  ];
}

function conditionsOf(request: JsonObject): readonly JsonObject[] {
  const conditions = readField(request, conditionsPath);
  return Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
}
