import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { elementOfItem, indexItems, structOf } from "./atom.ts";
import type { Atom, ListAtom, Structure } from "./atom.ts";

/**
 * The live object with everything a configuration specifies: objects merge, lists merge by their keys, what is atomic is replaced. Nothing goes. Pure.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/merge.go
 */
export function mergeConfiguration(message: Structure, live: JsonObject, configuration: JsonObject): JsonObject {
  const merged = mergeNode(structOf(message), live, configuration);
  return isJsonObject(merged) ? merged : live;
}

function mergeNode(atom: Atom, live: Json | undefined, wanted: Json): Json {
  if (live === undefined) return wanted;
  switch (atom.kind) {
    case "leaf": return wanted;
    case "struct": case "map": return mergeObjects(atom, live, wanted);
    case "list": case "set": return mergeLists(atom, live, wanted);
  }
}

function mergeObjects(atom: Extract<Atom, { readonly kind: "struct" | "map" }>, live: Json, wanted: Json): Json {
  // A null says nothing of parts that have owners of their own.
  if (wanted === null && isJsonObject(live)) return live;
  if (!isJsonObject(live) || !isJsonObject(wanted)) return wanted;
  const merged: Record<string, Json | undefined> = { ...live };
  for (const [name, member] of Object.entries(wanted)) {
    if (member !== undefined) merged[name] = mergeNode(atom.kind === "map" ? atom.item : atom.field(name)?.atom ?? leaf, live[name], member);
  }
  return merged;
}

const leaf: Atom = { kind: "leaf" };

function mergeLists(atom: ListAtom | { readonly kind: "set" }, live: Json, wanted: Json): Json {
  if (wanted === null && Array.isArray(live)) return live;
  if (!Array.isArray(live) || !Array.isArray(wanted)) return wanted;
  return new ListMerge(atom, live, wanted).run();
}

/**
 * Merges two lists in one pass over both: items of the configuration keep their order, live items nobody speaks of keep their place between the items
 * both have.
 */
class ListMerge {
  readonly #atom: ListAtom | { readonly kind: "set" };
  readonly #live: readonly Json[];
  readonly #liveElements: readonly string[];
  readonly #wantedElements: readonly string[];
  readonly #liveItems: ReadonlyMap<string, readonly Json[]>;
  readonly #wantedItems: ReadonlyMap<string, readonly Json[]>;
  readonly #shared: string[];
  readonly #taken = new Set<string>();
  readonly #out: Json[] = [];
  #liveAt = 0;
  #wantedAt = 0;

  constructor(atom: ListAtom | { readonly kind: "set" }, live: readonly Json[], wanted: readonly Json[]) {
    this.#atom = atom;
    this.#live = live;
    this.#liveElements = live.map((item) => elementOfItem(atom, item));
    this.#wantedElements = wanted.map((item) => elementOfItem(atom, item));
    this.#liveItems = indexItems(atom, live);
    this.#wantedItems = indexItems(atom, wanted);
    this.#shared = this.#wantedElements.filter((element) => this.#liveItems.has(element));
  }

  run(): readonly Json[] {
    while (this.#liveAt < this.#liveElements.length || this.#wantedAt < this.#wantedElements.length) this.#step();
    return this.#out;
  }

  #step(): void {
    const live = this.#liveElements[this.#liveAt];
    const wanted = this.#wantedElements[this.#wantedAt];
    if (live !== undefined && wanted !== undefined) {
      if (live === wanted) {
        this.#take(wanted);
        this.#liveAt += 1;
        this.#shared.shift();
        return;
      }
      const [next] = this.#shared;
      // Both have it, but its turn is not come.
      if (this.#wantedItems.has(live) && next !== undefined && next !== live) { this.#liveAt += 1; return; }
    }
    if (live !== undefined) {
      if (!this.#wantedItems.has(live)) {
        this.#out.push(this.#live[this.#liveAt] ?? null);
        this.#liveAt += 1;
        return;
      }
      if (this.#taken.has(live)) this.#liveAt += 1;
    }
    if (wanted === undefined) return;
    this.#take(wanted);
    if (this.#shared[0] === wanted) this.#shared.shift();
  }

  /** Takes the next item of the configuration, merged with the live one. A live item that stands twice is replaced. */
  #take(element: string): void {
    const [wanted = null] = this.#wantedItems.get(element) ?? [];
    const [live, ...more] = this.#liveItems.get(element) ?? [];
    const item: Atom = this.#atom.kind === "list" ? this.#atom.item : leaf;
    this.#out.push(mergeNode(item, more.length > 0 ? undefined : live, wanted));
    this.#taken.add(element);
    this.#wantedAt += 1;
  }
}
