import { checkDnsLabel } from "../../value/names.ts";
import { compareQuantities, milliValueOf, parseQuantity, printQuantity } from "../../value/quantity.ts";
import { duplicate, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { ResourceClaim, ResourceRequirements } from "../generated/core-v1.ts";
import { checkContainerResourceName, isExtendedResource, isHugePages, isOvercommitAllowed } from "../resource-names.ts";

type Amounts = Readonly<Record<string, string | number>>;

/**
 * Checks what a container asks for and may use.
 *
 * @param claims names of the pod's resource claims
 * @see kubernetes pkg/apis/core/validation/validation.go validateResourceRequirements
 */
export function checkResources({ requests = {}, limits = {}, claims: used = [] }: ResourceRequirements, path: string, claims: ReadonlySet<string>): readonly FieldError[] {
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const hasComputing = names.some((name) => name === "cpu" || name === "memory");
  return [
    ...checkAmounts(limits, `${path}.limits`),
    ...checkAmounts(requests, `${path}.requests`),
    ...Object.entries(requests).flatMap(([name, amount]) => checkLimit(name, parseQuantity(amount), { path, limit: limits[name] })),
    ...(names.some(isHugePages) && !hasComputing ? [forbidden(path, "HugePages require cpu or memory")] : []),
    ...checkClaims(used, `${path}.claims`, claims),
  ];
}

function checkAmounts(amounts: Amounts, path: string): readonly FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]): readonly FieldError[] => {
    const at = `${path}[${name}]`;
    const quantity = parseQuantity(amount);
    return [
      ...invalidEach(at, name, checkContainerResourceName(name)),
      ...(quantity.nanos < 0n ? [invalid(at, amount, "must be greater than or equal to 0")] : []),
      ...(isExtendedResource(name) && milliValueOf(quantity) % 1000 !== 0 ? [invalid(at, amount, "must be an integer")] : []),
    ];
  });
}

function checkLimit(name: string, amount: ReturnType<typeof parseQuantity>, { path, limit: text }: { readonly path: string; readonly limit: string | number | undefined }): readonly FieldError[] {
  if (text === undefined) return isOvercommitAllowed(name) ? [] : [required(`${path}.limits`, "Limit must be set for non overcommitable resources")];
  const limit = parseQuantity(text);
  const order = compareQuantities(amount, limit);
  if (order !== 0 && !isOvercommitAllowed(name)) return [invalid(`${path}.requests`, printQuantity(amount), `must be equal to ${name} limit of ${printQuantity(limit)}`)];
  return order > 0 ? [invalid(`${path}.requests`, printQuantity(amount), `must be less than or equal to ${name} limit of ${printQuantity(limit)}`)] : [];
}

function checkClaims(used: readonly ResourceClaim[], path: string, claims: ReadonlySet<string>): readonly FieldError[] {
  const seen = new Set<string>();
  return used.flatMap(({ name, request = "" }, index): readonly FieldError[] => {
    const at = `${path}[${index}]`;
    if (name === "") return [required(at)];
    const key = request === "" ? name : `${name}/${request}`;
    const isRepeated = seen.has(name) || seen.has(key) || (request === "" && [...seen].some((other) => other.startsWith(`${name}/`)));
    seen.add(key);
    const known = claims.size === 0 ? " which is empty" : `: ${[...claims].toSorted().join(", ")}`;
    return [
      ...(isRepeated ? [duplicate(at, key)] : []),
      ...(request === "" ? [] : invalidEach(`${at}.request`, request, checkDnsLabel(request))),
      ...(claims.has(name) ? [] : [{ type: "NotFound", path: at, value: name, detail: `must be one of the names in pod.spec.resourceClaims${known}` } as const]),
    ];
  });
}
