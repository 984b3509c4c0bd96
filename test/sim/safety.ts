import { createHash } from "node:crypto";
import type { LogFields } from "../../src/world/log.ts";
import { pruneFinalizer } from "../../src/reconcile/tracking.ts";
import type { Operation, StoreEvent } from "../../src/store/store.ts";
import { itemKey, secretMarker } from "./content.ts";
import type { DiskObserver, Fence } from "./disk.ts";
import type { SimulatedGit } from "./git.ts";
import { JobRules } from "./jobs.ts";
import type { NodeMachine } from "./machines.ts";
import { Plans } from "./plans.ts";
import type { StoredObject } from "./stored-object.ts";
import { isAvailable, isReady, parseStored } from "./stored-object.ts";

/** Ends a seed: a rule that always holds did not. */
export class Violation extends Error {
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.name = "Violation";
    this.rule = rule;
  }
}

/** The marker as it stands in base64. */
const encodedMarker = Buffer.from(secretMarker).toString("base64").slice(0, 9);

/** Errors that only wrong code throws. */
const bugNames = new Set(["TypeError", "RangeError", "ReferenceError", "SyntaxError", "ProgrammingError", "AssertionError"]);

/** The kinds applications deploy. */
const deployedKinds = ["ConfigMap", "Secret", "Service", "Deployment"] as const;

/** Where an application's content comes from. */
export interface Followed {
  readonly repoURL: string;
  readonly folder: string;
  /** Removing it removes what it deployed. */
  readonly isFinalized: boolean;
}

/** Rules that hold at every moment, whatever fails. Looks at what becomes durable, never at what the daemon believes. */
export class Safety implements DiskObserver {
  readonly #digest = createHash("sha256");
  readonly #git: SimulatedGit;
  readonly #applications: ReadonlyMap<string, Followed>;
  readonly #objects = new Map<string, StoredObject>();
  readonly #kinds = new Map<string, Map<string, StoredObject>>();
  readonly #plans = new Plans({
    find: (kind, name) => this.find(kind, name),
    isDisturbed: (name) => this.disturbances > 0 || this.#disturbed.has(name),
    violated: (rule, detail) => { this.violated(rule, detail); },
  });
  readonly #jobs = new JobRules((rule, detail) => { this.violated(rule, detail); });
  /** Deployments whose pods a fault or a person has touched, until they are complete again. */
  readonly #disturbed = new Set<string>();
  /** Uids people deleted, or orphaned the owner of. */
  readonly removedByHand = new Set<string>();
  /** Uids of objects whose application went without its finalizer: theirs no more, until an application of that name has them in its inventory. */
  readonly leftBehind = new Set<string>();
  /** Uids of objects that were moved between applications while all was well. */
  readonly moved = new Set<string>();
  /** While set, pods may go at any time: nodes are silent, or clocks jump. */
  disturbances = 0;
  #revision = 0;
  /** Writes of anything but heartbeats, and the last of them. */
  writes = 0;
  readonly lastWrites: string[] = [];
  violation: Violation | undefined;

  constructor(git: SimulatedGit, applications: ReadonlyMap<string, Followed>) {
    this.#git = git;
    this.#applications = applications;
  }

  /** A digest of everything that was ever written, in order. */
  get digest(): string {
    return this.#digest.copy().digest("hex");
  }

  /** Live objects of a kind, by key. */
  objects(kind: string): readonly StoredObject[] {
    return [...this.#kinds.get(kind)?.values() ?? []];
  }

  find(kind: string, name: string): StoredObject | undefined {
    return this.objects(kind).find((object) => object.metadata.name === name);
  }

  violated(rule: string, detail: string): void {
    this.violation ??= new Violation(rule, detail);
  }

  fenced(fence: Fence, operations: readonly Operation[]): void {
    this.#plans.committed(fence, operations);
  }

  /** Somebody went back: objects that were handed over since may go to where they were. */
  rolledBack(): void {
    this.moved.clear();
  }

  /** Pods of this Deployment, or of all, may be missing until they are complete again. */
  disturb(name?: string): void {
    for (const deployment of this.objects("Deployment")) if (name === undefined || deployment.metadata.name === name) this.#disturbed.add(deployment.metadata.name);
  }

  changed(events: readonly StoreEvent[], revision: number): void {
    if (revision !== this.#revision + 1) this.violated("revisions are gap-free", `${revision} after ${this.#revision}`);
    this.#revision = revision;
    for (const event of events) {
      this.#digest.update(`${revision} ${event.kind} ${event.key}\n`);
      if (event.kind === "put") this.#digest.update(event.value);
      if (!event.key.startsWith("/registry/") || event.key.includes("/leases/")) continue;
      // Nodes say every five minutes that they are well; events expire.
      const isExpiry = (event.kind === "remove" && event.key.includes("/events/")) || event.key.includes("/core/nodes/");
      if (!isExpiry) {
        this.writes++;
        this.lastWrites.push(`${revision} ${event.kind} ${event.key}`);
        if (this.lastWrites.length > 8) this.lastWrites.shift();
      }
      const before = this.#objects.get(event.key);
      const after = event.kind === "put" ? parseStored(event.value) : undefined;
      this.#keep(event.key, before, after);
      this.#check(before, after, event);
    }
  }

  #keep(key: string, before: StoredObject | undefined, after: StoredObject | undefined): void {
    const kind = (after ?? before)?.kind ?? "";
    const ofKind = this.#kinds.get(kind) ?? new Map<string, StoredObject>();
    this.#kinds.set(kind, ofKind);
    if (after === undefined) { this.#objects.delete(key); ofKind.delete(key); return; }
    this.#objects.set(key, after);
    ofKind.set(key, after);
  }

  #check(before: StoredObject | undefined, after: StoredObject | undefined, event: StoreEvent): void {
    const kind = (after ?? before)?.kind;
    if (kind === "Pod") this.#checkPod(before, after);
    if (kind === "Pod" && after !== undefined) this.#jobs.checkPod(before, after, { jobs: this.objects("Job"), pods: this.objects("Pod") });
    if (kind === "Job" && after !== undefined) this.#jobs.checkJob(before, after);
    if (kind === "Deployment") this.#noteDeployment(before, after);
    if ((kind === "Event" || kind === "Sync" || kind === "Application") && event.kind === "put") this.#checkSecrets(Buffer.from(event.value).toString("utf8"), `the stored ${event.key}`);
    if (kind === "Application" && before !== undefined && after === undefined) this.#checkApplicationGone(before);
    if (kind === "Application" && after !== undefined) this.#noteInventory(after);
    if (deployedKinds.some((deployed) => deployed === kind)) this.#checkRemoval(before, after);
  }

  #noteDeployment(before: StoredObject | undefined, after: StoredObject | undefined): void {
    const name = (after ?? before)?.metadata.name ?? "";
    if (before === undefined || after === undefined || after.metadata.deletionTimestamp !== undefined || after.spec?.replicas !== before.spec?.replicas) this.#disturbed.add(name);
    // How far a rollout may go changed in its middle: what was decided before counts by the old numbers.
    if (JSON.stringify(before?.spec?.strategy) !== JSON.stringify(after?.spec?.strategy)) this.#disturbed.add(name);
  }

  #checkPod(before: StoredObject | undefined, after: StoredObject | undefined): void {
    const name = (after ?? before)?.metadata.labels?.["app"] ?? "";
    const deployment = this.find("Deployment", name);
    if (deployment === undefined) return;
    const replicas = deployment.spec?.replicas ?? 0;
    const available = this.objects("Pod").filter((pod) => pod.metadata.labels?.["app"] === name && isAvailable(pod)).length;
    const pods = this.objects("Pod").filter((pod) => pod.metadata.labels?.["app"] === name && pod.metadata.deletionTimestamp === undefined).length;
    const { maxSurge } = deployment.spec?.strategy?.rollingUpdate ?? {};
    const most = replicas + (typeof maxSurge === "number" ? maxSurge : 0);
    const isQuiet = this.disturbances === 0 && !this.#disturbed.has(name);
    if (before === undefined && isQuiet && pods > most) this.violated("a rolling update has no more pods than its surge allows", `${name}: ${pods} pods, at most ${most} are due`);
    if (available >= replicas && pods === replicas && this.disturbances === 0) this.#disturbed.delete(name);
    if (before === undefined || !isAvailable(before) || this.#disturbed.has(name) || this.disturbances > 0) return;
    const isCrashing = before.metadata.annotations?.["capstan.dev/simulated"]?.includes("exitAfterMs") === true;
    if (isCrashing) {
      // It counted as available when the next step of the rollout was decided: what that step takes away was right by then.
      if (after === undefined || !isAvailable(after)) this.#disturbed.add(name);
      return;
    }
    const isGoing = after === undefined || after.metadata.deletionTimestamp !== undefined;
    const rolling = deployment.spec?.strategy?.rollingUpdate;
    const least = replicas - (typeof rolling?.maxUnavailable === "number" ? rolling.maxUnavailable : 0);
    if (isGoing && available < least) this.violated("a rolling update keeps enough pods available", `${name}: ${available} of ${replicas} are left after pod ${before.metadata.name} was deleted, at least ${least} are due`);
    if (!isGoing && !isReady(after)) this.violated("a pod stays ready while nothing happens to it", `${name}: pod ${before.metadata.name} is not ready any more: ${JSON.stringify(after.status?.conditions)}`);
  }

  #checkRemoval(before: StoredObject | undefined, after: StoredObject | undefined): void {
    if (before === undefined || before.metadata.deletionTimestamp !== undefined) return;
    if (after !== undefined && after.metadata.deletionTimestamp === undefined) return;
    const { uid = "", name, annotations } = before.metadata;
    const application = annotations?.["capstan.dev/application"];
    if (application === undefined || this.removedByHand.has(uid)) return;
    if (this.moved.has(uid)) this.violated("an object moved between applications is not recreated", `${before.kind} ${name} of ${application} was removed`);
    const followed = this.#applications.get(application);
    if (followed === undefined || this.#isFinalizing(application)) return;
    const key = itemKey({ kind: before.kind as "ConfigMap", name });
    if (!this.#isLeftOut(application, key, followed)) this.violated("nothing is pruned but by a commit that leaves it out", `${key} of ${application} was removed, and no sync of a good commit without it is the newest: ${this.#newestSyncs(application).map((sync) => sync.metadata.name).join(", ")}`);
  }

  /** The application is being removed, and takes with it what it deployed. */
  #isFinalizing(application: string): boolean {
    const { deletionTimestamp, finalizers } = this.find("Application", application.split("/")[1] ?? "")?.metadata ?? {};
    return deletionTimestamp !== undefined && finalizers?.includes(pruneFinalizer) === true;
  }

  #noteInventory({ status }: StoredObject): void {
    if (this.leftBehind.size === 0) return;
    for (const { kind, name } of status?.inventory ?? []) this.leftBehind.delete(this.#kinds.get(kind)?.values().find((object) => object.metadata.name === name)?.metadata.uid ?? "");
  }

  #checkApplicationGone({ metadata }: StoredObject): void {
    const key = `default/${metadata.name}`;
    const deployed = deployedKinds.flatMap((kind) => this.objects(kind).map((object) => ({ object, item: itemKey({ kind, name: object.metadata.name }) })))
      .filter(({ object }) => object.metadata.annotations?.["capstan.dev/application"] === key && object.metadata.deletionTimestamp === undefined);
    if (metadata.finalizers?.includes(pruneFinalizer) !== true) {
      for (const { object } of deployed) this.leftBehind.add(object.metadata.uid ?? "");
      return;
    }
    const left = deployed.filter(({ item }) => !this.#wasNeighbours(key, item));
    if (left.length > 0) this.violated("an application with its finalizer takes with it what it deployed", `${key} is gone, and left are ${left.map(({ item }) => item).join(", ")}`);
  }

  /** Another application's folder had it in some commit: it may be kept for that one. */
  #wasNeighbours(key: string, item: string): boolean {
    const own = this.#applications.get(key);
    return own !== undefined && this.#git.commits(own.repoURL).some(({ folders }) => [...folders].some(([path, folder]) => path !== own.folder && folder.items.has(item)));
  }

  /** The commit of the newest sync, or of the one it takes the place of just now, renders and has no such object. A rollback's commit is an older one. */
  #isLeftOut(application: string, key: string, { repoURL, folder: path }: Followed): boolean {
    return this.#newestSyncs(application).some((sync) => {
      const folder = this.#git.find(repoURL, sync.spec?.revision ?? "")?.folders.get(path);
      return folder !== undefined && folder.breakage === undefined && !folder.items.has(key);
    });
  }

  #newestSyncs(application: string): readonly StoredObject[] {
    const [, name = ""] = application.split("/");
    const uid = this.find("Application", name)?.metadata.uid;
    return this.objects("Sync").filter((sync) => sync.spec?.application === name && sync.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true)
      .toSorted((a, b) => (b.spec?.planGeneration ?? 0) - (a.spec?.planGeneration ?? 0)).slice(0, 2);
  }

  #checkSecrets(text: string, where: string): void {
    if (text.includes(secretMarker) || text.includes(encodedMarker)) this.violated("no secret is shown", `${where} holds one: ${text.slice(0, 2_000)}`);
  }

  /** Looks at a log line, a job's name or the like. */
  inspectText(text: string, where: string): void {
    this.#checkSecrets(text, where);
  }

  inspectLog(line: string, fields: LogFields | undefined): void {
    this.#checkSecrets(line, "a log line");
    for (let error = fields?.["error"]; error instanceof Error; error = error.cause) {
      if (bugNames.has(error.name)) this.violated("no part throws what only wrong code throws", `${line}\n${error.stack ?? ""}`);
    }
  }

  /** What runs on the machines, looked at after every step. */
  checkMachines(nodes: readonly NodeMachine[]): void {
    const running = new Map<string, string>();
    for (const node of nodes) {
      for (const [uid, pod] of node.machine.pods) {
        for (const run of pod.runs.values()) {
          if (run.exit !== undefined) continue;
          const key = `${uid} ${run.request.name}`;
          const other = running.get(key);
          if (other !== undefined) this.violated("a container runs once", `container ${run.request.name} of pod ${pod.request.name} runs on ${node.name} and on ${other}`);
          running.set(key, node.name);
        }
      }
    }
  }
}
