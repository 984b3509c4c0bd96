import type { Breakage, Folder, Item } from "./content.ts";
import { itemKey } from "./content.ts";
import type { Followed } from "./safety.ts";
import type { SimulatedCommit, SimulatedGit } from "./git.ts";
import type { SeededChance } from "./world.ts";

const waveOfConfig: ReadonlyMap<string, number> = new Map([["b", -1], ["d", 1]]);

/** The folders a repository begins with. */
export function startingFolders(chance: SeededChance, applications: ReadonlyMap<string, Followed>): ReadonlyMap<string, ReadonlyMap<string, Folder>> {
  const repositories = new Map<string, Map<string, Folder>>();
  for (const { repoURL, folder } of applications.values()) {
    const folders = repositories.get(repoURL) ?? new Map<string, Folder>();
    repositories.set(repoURL, folders);
    // In one folder the ConfigMap comes before everything else, in another it waits until the Deployment is well.
    const wave = waveOfConfig.get(folder);
    const items: Item[] = [
      deployment(chance, `${folder}-web`), { kind: "ConfigMap", name: `${folder}-config`, value: "1", ...(wave === undefined ? {} : { wave }) }, { kind: "Secret", name: `${folder}-secret`, value: "1" },
      { kind: "Service", name: `${folder}-web`, port: 80 },
    ];
    folders.set(folder, { format: folder < "c" ? "plain" : "chart", items: new Map(items.map((item) => [itemKey(item), item])) });
  }
  return repositories;
}

function deployment(chance: SeededChance, name: string): Item {
  const surge = chance.between(0, 2);
  return { kind: "Deployment", name, replicas: chance.between(1, 4), version: 1, readyAfterMs: chance.between(0, 3_000), isCrashing: false, surge, unavailable: surge === 0 ? 1 : chance.between(0, 1) };
}

/** One change of one folder, and how to say it. */
export interface FolderChange {
  readonly folder: Folder;
  readonly text: string;
}

const breakages: readonly Breakage[] = ["syntax", "unknown kind", "wrong type", "template", "empty", "empty"];

/** A folder as the next commit has it. A broken one is mended by every good change. */
export function changeFolder(chance: SeededChance, { breakage: _mended, ...folder }: Folder, isCrashAllowed = true): FolderChange {
  const items = [...folder.items.values()];
  const deployments = items.filter((item) => item.kind === "Deployment");
  const with_ = (item: Item, text: string): FolderChange => ({ folder: { ...folder, items: new Map([...folder.items, [itemKey(item), item]]) }, text });
  const roll = chance.fraction();
  const web = chance.pick(deployments);
  if (web !== undefined && roll < 0.35) {
    const version = web.version + 1;
    const isCrashing = isCrashAllowed && chance.isLucky(0.12);
    return with_({ ...web, version, isCrashing, readyAfterMs: chance.between(0, 5_000) }, `${web.name} runs version ${version}${isCrashing ? ", which crashes" : ""}`);
  }
  if (web !== undefined && roll < 0.5) {
    const replicas = chance.between(1, 5);
    return with_({ ...web, replicas }, `${web.name} has ${replicas} replicas`);
  }
  if (roll < 0.65) {
    const kind = chance.isLucky(0.3) ? "Secret" : "ConfigMap";
    const name = `${items[0]?.name.split("-")[0] ?? "x"}-extra-${chance.between(1, 4)}`;
    const value = String(chance.between(1, 1_000));
    return with_({ kind, name, value }, `${kind} ${name} is ${value}`);
  }
  const config = chance.pick(items.filter((item) => item.kind === "ConfigMap" || item.kind === "Secret"));
  if (config !== undefined && roll < 0.75) {
    const value = String(chance.between(1, 1_000));
    return with_({ ...config, value }, `${config.kind} ${config.name} is ${value}`);
  }
  const gone = chance.pick(items.filter((item) => item.kind !== "Deployment"));
  if (gone !== undefined && items.length > 2 && roll < 0.9) {
    const left = new Map(folder.items);
    left.delete(itemKey(gone));
    return { folder: { ...folder, items: left }, text: `${gone.kind} ${gone.name} is gone` };
  }
  const comment = `read me ${chance.between(1, 1_000_000)}`;
  return { folder: { ...folder, comment }, text: "only the README changes" };
}

/** A folder that must not be applied. */
export function breakFolder(chance: SeededChance, folder: Folder): FolderChange {
  const breakage = chance.pick(breakages) ?? "syntax";
  return { folder: { ...folder, breakage }, text: `broken by ${breakage}` };
}

/** Moves an item from one folder to another in one commit; undefined when there is none to move. */
export function moveItem(chance: SeededChance, folders: ReadonlyMap<string, Folder>): { readonly folders: ReadonlyMap<string, Folder>; readonly item: Item; readonly text: string } | undefined {
  const [from, to] = chance.isLucky(0.5) ? [...folders.keys()] : [...folders.keys()].toReversed();
  const source = folders.get(from ?? "");
  const target = folders.get(to ?? "");
  if (from === undefined || to === undefined || source === undefined || target === undefined || source.breakage !== undefined || target.breakage !== undefined || source.items.size < 3) return undefined;
  const item = chance.pick([...source.items.values()].filter((one) => !target.items.has(itemKey(one))));
  if (item === undefined) return undefined;
  const left = new Map(source.items);
  left.delete(itemKey(item));
  return {
    item, text: `${item.kind} ${item.name} moves from ${from} to ${to}`,
    folders: new Map([...folders, [from, { ...source, items: left }], [to, { ...target, items: new Map([...target.items, [itemKey(item), item]]) }]]),
  };
}

/** The newest commit of which every folder is good. */
export function lastGood(git: SimulatedGit, repoURL: string): SimulatedCommit | undefined {
  return git.commits(repoURL).findLast((commit) => [...commit.folders.values()].every((folder) => folder.breakage === undefined));
}
