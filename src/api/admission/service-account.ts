import { PodKind } from "../../model/kinds/pod.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/** The account of a pod that names none. */
const defaultAccount = "default";

/** Every pod runs under a service account, in the new field and in the old one. @see kubernetes plugin/pkg/admission/serviceaccount */
export const serviceAccount: Admission = {
  name: "ServiceAccount",
  handles: ({ operation, kind }) => operation === "create" && kind.group === "" && kind.kind === "Pod",
  admit(object) {
    if (!isOfKind(PodKind, object)) return object;
    const name = object.spec.serviceAccountName || object.spec.serviceAccount || defaultAccount;
    return { ...object, spec: { ...object.spec, serviceAccountName: name, serviceAccount: name } };
  },
};
