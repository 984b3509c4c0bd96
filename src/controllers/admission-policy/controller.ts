import type { Controller } from "../../control/controller.ts";
import type { ValidatingAdmissionPolicy } from "../../model/generated/admissionregistration-v1.ts";
import { ValidatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import type { Kind } from "../../model/kind.ts";
import { decideStatus } from "./decide.ts";

/** Says of every policy what is wrong with the types of its expressions. Objects of definitions have fields nobody here knows. */
export function admissionPolicyController(builtIn: readonly Kind[]): Controller<ValidatingAdmissionPolicy> {
  return {
    name: "admission-policy",
    kind: ValidatingAdmissionPolicyKind,
    reads: [ValidatingAdmissionPolicyKind],
    writes: [{ kind: ValidatingAdmissionPolicyKind, part: "status" }],
    async reconcile(_ref, policy, { writer }) {
      if (policy === undefined) return { kind: "done" };
      const status = decideStatus(policy, builtIn);
      if (status !== policy.status) await writer.updateStatus(ValidatingAdmissionPolicyKind, { ...policy, status });
      return { kind: "done" };
    },
  };
}
