import type { Controller } from "../../control/controller.ts";
import type { ValidatingAdmissionPolicy } from "../../model/generated/admissionregistration-v1.ts";
import { CustomResourceDefinitionKind } from "../../model/kinds/api-extensions.ts";
import { ValidatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import type { Kind } from "../../model/kind.ts";
import { decideStatus, kindsOfDefinitions } from "./decide.ts";

/** Says of every policy what is wrong with the types of its expressions, by the messages of kinds and the schemas of definitions as they are then. */
export function admissionPolicyController(builtIn: readonly Kind[]): Controller<ValidatingAdmissionPolicy> {
  return {
    name: "admission-policy",
    kind: ValidatingAdmissionPolicyKind,
    reads: [ValidatingAdmissionPolicyKind, CustomResourceDefinitionKind],
    writes: [{ kind: ValidatingAdmissionPolicyKind, part: "status" }],
    async reconcile(_ref, policy, { reader, writer }) {
      if (policy === undefined) return { kind: "done" };
      const status = decideStatus(policy, [...builtIn, ...kindsOfDefinitions(reader.list(CustomResourceDefinitionKind))]);
      if (status !== policy.status) await writer.updateStatus(ValidatingAdmissionPolicyKind, { ...policy, status });
      return { kind: "done" };
    },
  };
}
