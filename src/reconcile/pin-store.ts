import type { Client } from "../api/client.ts";
import type { Application } from "../model/kinds/application.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import type { LookupQuery } from "../render/render.ts";
import { asJson } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import type { World } from "../world/world.ts";
import { newPins, parsePins, pinsSizeMaxBytes } from "./pins.ts";
import type { Pins } from "./pins.ts";
import { applicationKey } from "./tracking.ts";

/** Where the pins of applications are kept. */
export interface PinStore {
  /** Undefined for an application whose templates asked for nothing yet. */
  load(application: Application): Promise<Pins | undefined>;
  /** Pins to begin with: the same ones until they are saved, so that what was previewed is what comes. */
  begin(application: Application): Pins;
  /** Throws for pins that are too large. */
  save(application: Application, pins: Pins): Promise<void>;
  /** What a lookup finds now, as the application's own account may see it; null for nothing. */
  find(application: Application, query: LookupQuery): Promise<JsonObject | null>;
}

/** Type of the Secrets. */
export const pinsSecretType = "capstan.dev/pins";
/** The member that holds the pins. */
export const pinsMember = "pins";
const seedBytes = 32;

/** Name of the Secret an application's pins lie in, beside the application. */
export function pinsSecretName(applicationName: string): string {
  return `capstan-pins-${applicationName}`;
}

/** Keeps pins in Secrets, sealed in the store as all Secrets are, that go with their application. */
export function pinsInSecrets(client: Client, options: { readonly world: World; readonly kinds: ServedKinds; readonly clientOf: (application: Application) => Client }): PinStore {
  const { world, kinds, clientOf } = options;
  const begun = new Map<string, Pins>();
  const refOf = ({ metadata }: Application): { readonly namespace: string; readonly name: string } => ({ namespace: metadata.namespace ?? "", name: pinsSecretName(metadata.name) });
  return {
    async load(application) {
      const secret = await client.get(SecretKind, refOf(application));
      return secret?.type === pinsSecretType ? parsePins(Buffer.from(secret.data?.[pinsMember] ?? "", "base64").toString()) : undefined;
    },
    begin(application) {
      const key = applicationKey(application);
      const pins = begun.get(key) ?? newPins(Buffer.from(world.chance.bytes(seedBytes)).toString("base64"), world.clock.nowMs());
      begun.set(key, pins);
      return pins;
    },
    async save(application, pins) {
      const text = JSON.stringify(pins);
      if (text.length > pinsSizeMaxBytes) throw new Error(`what the templates of ${application.metadata.name} look up in the cluster is more than ${pinsSizeMaxBytes / 1024} KiB; look up single objects rather than lists`);
      const data = { [pinsMember]: Buffer.from(text).toString("base64") };
      const ref = refOf(application);
      if (await client.get(SecretKind, ref) === undefined) {
        await client.create(SecretKind, {
          apiVersion: "v1", kind: "Secret", type: pinsSecretType, data,
          metadata: { ...ref, ownerReferences: [{ apiVersion: application.apiVersion, kind: application.kind, name: application.metadata.name, uid: application.metadata.uid ?? "", controller: true, blockOwnerDeletion: false }] },
        });
      } else {
        await client.patch(SecretKind, ref, { type: "merge", body: { data } });
      }
      begun.delete(applicationKey(application));
    },
    async find(application, { apiVersion, kind: kindName, namespace, name }) {
      const kind = kinds.find(apiVersion, kindName);
      if (kind === undefined) return null;
      const reader = clientOf(application);
      if (name !== "") {
        const found = await reader.get(kind, { namespace: kind.namespaced ? namespace : "", name });
        return found === undefined ? null : asJson(found);
      }
      const { items } = await reader.list(kind, kind.namespaced && namespace !== "" ? { namespace } : {});
      return { apiVersion, kind: `${kindName}List`, items: items.map(asJson) };
    },
  };
}
