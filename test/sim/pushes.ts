import { breakFolder, changeFolder, lastGood, moveItem } from "./commits.ts";
import { itemKey } from "./content.ts";
import type { SimulatedCommit } from "./git.ts";
import type { Simulation } from "./simulation.ts";
import { repoURLs } from "./subjects.ts";

/** A move is followed this long: afterwards other things have happened to the object. */
const moveWatchedMs = 60_000;

/** Somebody pushes: a change, a broken commit, a revert, a forced push, a move; sometimes twice in a row. */
export function push(world: Simulation): string | undefined {
  const text = pushOnce(world);
  if (text === undefined || !world.chance.isLucky(0.2)) return text;
  world.clock.after(world.chance.between(0, 500), () => { const more = pushOnce(world); if (more !== undefined) world.note(more); });
  return text;
}

function pushOnce(world: Simulation): string | undefined {
  const { chance, git } = world;
  const repoURL = chance.pick(repoURLs) ?? repoURLs[0];
  const head = git.head(repoURL);
  if (head === undefined) return undefined;
  world.safety.moved.clear();
  const roll = chance.fraction();
  let text: string | undefined;
  if (roll < 0.12) text = pushMove(world, repoURL, head);
  else if (roll < 0.24) text = pushRevert(world, repoURL, head);
  else if (roll < 0.3) text = pushForced(world, repoURL, head);
  else text = pushChange(world, repoURL, head, roll > 0.85);
  if (text === undefined) return undefined;
  const isTold = chance.isLucky(0.7);
  if (isTold) world.plane.tellPush(repoURL);
  return `push to ${repoURL.slice(-7)}${isTold ? "" : " (nobody is told)"}: ${text}`;
}

function pushChange(world: Simulation, repoURL: string, head: SimulatedCommit, isBroken: boolean): string | undefined {
  const path = world.chance.pick([...head.folders.keys()]);
  const folder = path === undefined ? undefined : head.folders.get(path);
  if (path === undefined || folder === undefined) return undefined;
  const change = isBroken ? breakFolder(world.chance, folder) : changeFolder(world.chance, folder);
  const commit = world.git.push(repoURL, new Map([...head.folders, [path, change.folder]]), { message: change.text });
  return `${commit.revision.commit.slice(0, 7)} ${path}: ${change.text}`;
}

function pushRevert(world: Simulation, repoURL: string, head: SimulatedCommit): string | undefined {
  const parent = world.git.find(repoURL, head.revision.parents[0] ?? "");
  if (parent === undefined) return undefined;
  const commit = world.git.push(repoURL, parent.folders, { message: `Revert "${head.revision.message}"` });
  return `${commit.revision.commit.slice(0, 7)} reverts ${head.revision.commit.slice(0, 7)}`;
}

/** The branch is set to an older commit, with something new on top: the head is no descendant of the one before. */
function pushForced(world: Simulation, repoURL: string, head: SimulatedCommit): string | undefined {
  const older = world.chance.pick(world.git.commits(repoURL).filter((commit) => commit !== head));
  const path = world.chance.pick([...head.folders.keys()]);
  const folder = path === undefined ? undefined : older?.folders.get(path);
  if (older === undefined || path === undefined || folder === undefined) return undefined;
  const change = changeFolder(world.chance, folder);
  const commit = world.git.push(repoURL, new Map([...older.folders, [path, change.folder]]), { message: change.text, parent: older });
  return `forced to ${commit.revision.commit.slice(0, 7)} on top of ${older.revision.commit.slice(0, 7)}: ${path}: ${change.text}`;
}

function pushMove(world: Simulation, repoURL: string, head: SimulatedCommit): string | undefined {
  const { safety, disk, git, clock, plane, redis } = world;
  const moved = moveItem(world.chance, head.folders);
  if (moved === undefined) return undefined;
  const commit = git.push(repoURL, moved.folders, { message: moved.text });
  const live = safety.find(moved.item.kind, moved.item.name);
  const isCalm = !plane.isDown && !world.isStoreStopped && redis?.isUp !== false && git.faults.fail === 0 && git.faults.slow === 0 && Object.values(disk.faults).every((value) => value === 0);
  const uid = live?.metadata.uid;
  // Both applications show the head before, and nothing else goes on: then the object must be handed over as it is.
  const isSettled = !world.isRemaking && safety.objects("Application").every((application) => application.status?.sync?.status === "Synced");
  if (isCalm && isSettled && uid !== undefined && live?.metadata.deletionTimestamp === undefined) {
    safety.moved.add(uid);
    clock.after(moveWatchedMs, () => { safety.moved.delete(uid); });
  }
  return `${commit.revision.commit.slice(0, 7)} ${moved.text}`;
}

/** What is broken at a head is mended, in most seeds; what crashes always is. */
export function mendHeads(world: Simulation): void {
  const { chance, git } = world;
  for (const repoURL of repoURLs) {
    const head = git.head(repoURL);
    if (head === undefined) continue;
    const isMended = chance.isLucky(0.7);
    const good = lastGood(git, repoURL);
    const folders = new Map([...head.folders].map(([path, folder]) => {
      // A broken head leaves running what ran before, and what crashes there would never come to rest.
      const hasCrashed = git.commits(repoURL).some((commit) => [...commit.folders.get(path)?.items.values() ?? []].some((item) => item.kind === "Deployment" && item.isCrashing));
      const mended = (isMended || hasCrashed) && folder.breakage !== undefined ? (good?.folders.get(path) ?? folder) : folder;
      const items = new Map([...mended.items].map(([key, item]) => [key, item.kind === "Deployment" && item.isCrashing ? { ...item, isCrashing: false, version: item.version + 1 } : item]));
      return [path, { ...mended, items }] as const;
    }));
    withoutDoubleClaims(folders);
    const commit = git.push(repoURL, folders, { message: "Mend" });
    world.note(`push to ${repoURL.slice(-7)}: ${commit.revision.commit.slice(0, 7)} ${isMended ? "mends everything" : "mends what crashes"}`);
    world.plane.tellPush(repoURL);
  }
}

/** An object two folders have is left to the first. */
function withoutDoubleClaims(folders: Map<string, SimulatedCommit["folders"] extends ReadonlyMap<string, infer F> ? F : never>): void {
  const seen = new Set<string>();
  for (const [path, folder] of folders) {
    const items = new Map([...folder.items].filter(([, item]) => !seen.has(itemKey(item))));
    for (const key of items.keys()) seen.add(key);
    folders.set(path, { ...folder, items });
  }
}
