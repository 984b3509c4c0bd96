import { isConditionTrue } from "../../model/conditions.ts";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import type { ObjectRef } from "../../model/object.ts";

/** The port of an APIService's Service that names none. */
const defaultPort = 443;

/** The condition that says whether a server is asked at all. */
export const availableCondition = "Available";

/** A group and version that another server answers for. */
export interface ApiRoute {
  /** The APIService's: `VERSION.GROUP`. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: ObjectRef;
  readonly port: number;
  /** PEM of the authorities its certificate must come from; the machine's own when absent. */
  readonly ca?: string;
  /** Its certificate is not looked at. */
  readonly isUnverified: boolean;
  /** As the APIService's status says. */
  readonly isAvailable: boolean;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** Another text for another server, or another way to know it. */
  readonly target: string;
}

/** Where an APIService leads; undefined for one that the API serves itself. Pure. */
export function routeOf({ metadata: { name }, spec, status }: APIService): ApiRoute | undefined {
  const { group = "", version = "", service, insecureSkipTLSVerify: isUnverified = false, caBundle = "", groupPriorityMinimum: groupPriority, versionPriority } = spec;
  if (service === undefined) return undefined;
  const { namespace = "", name: serviceName = "", port = defaultPort } = service;
  return {
    name, group, version, service: { namespace, name: serviceName }, port, ...(caBundle === "" ? {} : { ca: Buffer.from(caBundle, "base64").toString() }), isUnverified,
    isAvailable: isConditionTrue(status.conditions, availableCondition), groupPriority, versionPriority,
    target: JSON.stringify([namespace, serviceName, port, isUnverified, caBundle]),
  };
}

/** The name a server's certificate must be for. */
export function serverNameOf({ service: { namespace, name } }: Pick<ApiRoute, "service">): string {
  return `${name}.${namespace}.svc`;
}

/** Routes by `GROUP/VERSION`. What the API serves itself is never another's, whatever an APIService says. Pure. */
export function routeTable(services: readonly APIService[], isLocal: (group: string, version: string) => boolean): ReadonlyMap<string, ApiRoute> {
  const routes = services.flatMap((service) => routeOf(service) ?? []).filter(({ group, version }) => group !== "" && !isLocal(group, version));
  return new Map(routes.map((route) => [`${route.group}/${route.version}`, route]));
}
