import { compareQuantities, parseQuantity, printQuantity } from "../value/quantity.ts";
import type { LimitRangeItem } from "./generated/core-v1.ts";
import type { Resources } from "./pods.ts";

/** What somebody asks for, and at most takes. */
export interface Demand {
  readonly requests: Resources;
  readonly limits: Resources;
}

/** Which of the two a maximum binds: a claim of storage has no limits of its own. */
export interface LimitCheckOptions {
  readonly hasLimits: boolean;
}

/**
 * What of a demand a limit forbids, in upstream's words. Pure.
 * @see kubernetes plugin/pkg/admission/limitranger/admission.go
 */
export function findExcesses(limit: LimitRangeItem, demand: Demand, { hasLimits }: LimitCheckOptions): readonly string[] {
  return [
    ...each(limit.min, (resource, bound) => belowMin(limit.type, { resource, bound }, demand)),
    ...each(limit.max, (resource, bound) => aboveMax(limit.type, { resource, bound }, demand, hasLimits)),
    ...each(limit.maxLimitRequestRatio, (resource, bound) => aboveRatio(limit.type, { resource, bound }, demand)),
  ];
}

function each(bounds: Readonly<Record<string, string>> | undefined, find: (resource: string, bound: string) => string | undefined): readonly string[] {
  return Object.entries(bounds ?? {}).flatMap(([resource, bound]) => find(resource, bound) ?? []);
}

interface Bound {
  readonly resource: string;
  readonly bound: string;
}

function belowMin(type: string, { resource, bound }: Bound, { requests, limits }: Demand): string | undefined {
  const least = parseQuantity(bound);
  const text = `minimum ${resource} usage per ${type} is ${printQuantity(least)}`;
  const request = requests[resource];
  const limit = limits[resource];
  if (request === undefined) return `${text}.  No request is specified`;
  if (compareQuantities(request, least) < 0) return `${text}, but request is ${printQuantity(request)}`;
  return limit !== undefined && compareQuantities(limit, least) < 0 ? `${text}, but limit is ${printQuantity(limit)}` : undefined;
}

function aboveMax(type: string, { resource, bound }: Bound, { requests, limits }: Demand, hasLimits: boolean): string | undefined {
  const most = parseQuantity(bound);
  const text = `maximum ${resource} usage per ${type} is ${printQuantity(most)}`;
  const request = requests[resource];
  const limit = limits[resource];
  if (hasLimits && limit === undefined) return `${text}.  No limit is specified`;
  if (limit !== undefined && compareQuantities(limit, most) > 0) return `${text}, but limit is ${printQuantity(limit)}`;
  if (!hasLimits && request === undefined) return `${text}.  No request is specified`;
  return request !== undefined && compareQuantities(request, most) > 0 ? `${text}, but request is ${printQuantity(request)}` : undefined;
}

function aboveRatio(type: string, { resource, bound }: Bound, { requests, limits }: Demand): string | undefined {
  const most = parseQuantity(bound);
  const text = `${resource} max limit to request ratio per ${type} is ${printQuantity(most)}`;
  const request = requests[resource]?.nanos ?? 0n;
  const limit = limits[resource]?.nanos ?? 0n;
  if (request === 0n) return `${text}, but no request is specified or request is 0`;
  if (limit === 0n) return `${text}, but no limit is specified or limit is 0`;
  const nanosPerUnit = 1_000_000_000n;
  return limit * nanosPerUnit > most.nanos * request ? `${text}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}` : undefined;
}
