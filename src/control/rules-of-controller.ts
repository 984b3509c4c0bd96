import type { Grant } from "../api/access/role-index.ts";
import type { PolicyRule } from "../model/generated/rbac-v1.ts";
import type { Kind } from "../model/kind.ts";
import type { Controller, WriteDeclaration } from "./controller.ts";

/** The user whose requests fill the caches all controllers share. */
export const informersUser = "system:capstan:informers";

const readVerbs: readonly string[] = ["get", "list", "watch"];

/** The user name a controller's requests carry. */
export function userOf(controller: Pick<Controller, "name" | "user">): string {
  return controller.user ?? `system:capstan:controller:${controller.name}`;
}

/** Every kind a controller looks at, its own first. */
export function kindsOf(controller: Controller): readonly Kind[] {
  return [...new Set([
    controller.kind, ...controller.reads, ...(controller.readsMetadata ?? []),
    ...(controller.wakes ?? []).map((wake) => wake.kind), ...(controller.observes ?? []).map((observation) => observation.kind),
  ])];
}

/** What a controller may do, from what it declares: nothing more. */
export function rulesOfController(controller: Controller): readonly PolicyRule[] {
  const rules = kindsOf(controller).map((kind) => ruleFor(kind, kind.plural, readVerbs));
  for (const write of controller.writes) {
    rules.push(ruleFor(write.kind, resourceOf(write), verbsOf(write)));
    // A namespace's finalizers are written through a subresource of their own.
    if (write.fields?.includes("spec.finalizers") === true) rules.push(ruleFor(write.kind, `${write.kind.plural}/finalize`, verbsOf(write)));
  }
  // A definition may be of any group: what is asked of its kinds is asked of all.
  if (controller.customKinds !== undefined) rules.push({ apiGroups: ["*"], resources: ["*"], verbs: [...readVerbs, ...controller.customKinds.writes.flatMap((part) => verbsOf({ part }))] });
  rules.push({ apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] });
  return [...rules, ...(controller.rights ?? [])];
}

/** What every user the runner makes requests as may do, as the authoriser takes it: one grant per controller, and one for the informers. */
export function grantsOfControllers(controllers: readonly Controller[]): readonly Grant[] {
  const kinds = new Set(controllers.flatMap((controller) => kindsOf(controller)));
  return [
    {
      subject: { user: informersUser },
      // Nobody knows beforehand of which groups definitions will be.
      rules: controllers.some(({ customKinds }) => customKinds !== undefined) ? [{ apiGroups: ["*"], resources: ["*"], verbs: readVerbs }] : [...kinds].map((kind) => ruleFor(kind, kind.plural, readVerbs)),
    },
    ...controllers.map((controller) => ({ subject: { user: userOf(controller) }, rules: rulesOfController(controller) })),
  ];
}

function ruleFor(kind: Kind, resource: string, verbs: readonly string[]): PolicyRule {
  return { apiGroups: [kind.group], resources: [resource], verbs };
}

function resourceOf(write: WriteDeclaration): string {
  return write.part === "status" ? `${write.kind.plural}/status` : write.kind.plural;
}

function verbsOf(write: Pick<WriteDeclaration, "part">): readonly string[] {
  switch (write.part) {
    case "whole": return ["create", "update", "patch", "delete"];
    case "existence": return ["create", "delete"];
    case "status":
    case "metadata":
    case "spec": return ["update", "patch"];
  }
}

/**
 * The first pair of declarations that both claim one field of spec or status, as a sentence; undefined when there is none.
 * Existence and metadata may be shared: creation has one winner, and metadata is changed under a resourceVersion.
 */
export function findDoubleWriter(controllers: readonly Controller[]): string | undefined {
  const seen: { readonly name: string; readonly claim: Claim }[] = [];
  for (const controller of controllers) {
    for (const claim of controller.writes.flatMap(claimsOf)) {
      const other = seen.find((earlier) => earlier.name !== controller.name && doOverlap(earlier.claim, claim));
      if (other !== undefined) {
        return `controllers "${other.name}" and "${controller.name}" both declare writing ${claim.part} of ${claim.kind.plural}: let one of them do it, or declare the fields each writes`;
      }
      seen.push({ name: controller.name, claim });
    }
  }
  return undefined;
}

interface Claim {
  readonly kind: Kind;
  readonly part: "spec" | "status";
  readonly fields: readonly string[] | undefined;
  readonly only: WriteDeclaration["only"];
}

function claimsOf(write: WriteDeclaration): readonly Claim[] {
  if (write.part === "existence" || write.part === "metadata") return [];
  return [{ kind: write.kind, part: write.part === "status" ? "status" : "spec", fields: write.fields, only: write.only }];
}

function doOverlap(a: Claim, b: Claim): boolean {
  if (a.kind !== b.kind || a.part !== b.part) return false;
  // An object has one value of a label.
  if (a.only !== undefined && b.only !== undefined && a.only.label === b.only.label && a.only.value !== b.only.value) return false;
  const { fields } = b;
  return a.fields === undefined || fields === undefined || a.fields.some((field) => fields.includes(field));
}
