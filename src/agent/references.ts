import type { Client } from "../api/client.ts";
import type { ConfigMap, Secret } from "../model/generated/core-v1.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import type { ContentReference } from "../model/pod-references.ts";
import type { World } from "../world/world.ts";
import { follow } from "./follow.ts";

interface Held {
  readonly users: Map<string, () => void>;
  readonly stop: AbortController;
  readonly synced: Promise<void>;
  object: ConfigMap | Secret | undefined;
}

/** Exactly the ConfigMaps and Secrets that pods of this node read, each watched by name for as long as somebody needs it. */
export class References {
  readonly #client: Client;
  readonly #world: World;
  readonly #held = new Map<string, Held>();

  constructor(options: { readonly client: Client; readonly world: World }) {
    this.#client = options.client;
    this.#world = options.world;
  }

  /** Holds these for a pod, until `release`; `onChange` is called at each later change. Resolves when all are known. */
  async hold(uid: string, namespace: string, { references, onChange }: { readonly references: readonly ContentReference[]; readonly onChange: () => void }): Promise<void> {
    await Promise.all(references.map((reference) => {
      const key = keyFor(reference.kind, namespace, reference.name);
      const held = this.#held.get(key) ?? this.#follow(reference, namespace, key);
      held.users.set(uid, onChange);
      return held.synced;
    }));
  }

  release(uid: string): void {
    for (const [key, held] of this.#held) {
      held.users.delete(uid);
      if (held.users.size > 0) continue;
      held.stop.abort();
      this.#held.delete(key);
    }
  }

  #follow(reference: ContentReference, namespace: string, key: string): Held {
    const stop = new AbortController();
    const users = new Map<string, () => void>();
    const options = { client: this.#client, world: this.#world, namespace, fieldSelector: `metadata.name=${reference.name}`, signal: stop.signal };
    const take = (object: ConfigMap | Secret | undefined) => {
      const held = this.#held.get(key);
      if (held !== undefined) held.object = object;
      for (const wake of users.values()) wake();
    };
    let markSynced: () => void = () => undefined;
    const held: Held = { users, stop, object: undefined, synced: new Promise((resolve) => { markSynced = resolve; }) };
    this.#held.set(key, held);
    const following = reference.kind === "Secret" ? follow(SecretKind, { ...options, onChange: take }) : follow(ConfigMapKind, { ...options, onChange: take });
    void following.synced.then(markSynced);
    return held;
  }

  configMap(namespace: string, name: string): ConfigMap | undefined {
    return this.#held.get(keyFor("ConfigMap", namespace, name))?.object;
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#held.get(keyFor("Secret", namespace, name))?.object;
  }

  close(): void {
    for (const held of this.#held.values()) held.stop.abort();
    this.#held.clear();
  }
}

function keyFor(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
