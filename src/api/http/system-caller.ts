import type { Caller } from "../verbs.ts";

/** The API server itself, for the steps of a request whose right was checked under another name (`pods/log`, `deployments/scale`). */
export function systemCaller(caller: Caller): Caller {
  return { user: { name: "system:apiserver", groups: ["system:masters"] }, ...(caller.userAgent === undefined ? {} : { userAgent: caller.userAgent }) };
}
