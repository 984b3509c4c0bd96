import type { Client } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import type { Container, Pod, PodStatus } from "../model/generated/core-v1.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { contentReferences } from "../model/pod-references.ts";
import { refOf } from "../model/object.ts";
import { isEqual } from "../value/equal.ts";
import type { World } from "../world/world.ts";
import { fullNameOf, hostnameOf } from "./container-env.ts";
import { containerIdText } from "./container-status.ts";
import { ContainerStop } from "./container-stop.ts";
import type { ContainerNote } from "./container-watch.ts";
import { ContainerWatch } from "./container-watch.ts";
import type { Lookup } from "./lookup.ts";
import type { ContainerHealth, PodObservation, Problem } from "./observation.ts";
import type { PodAction } from "./plan-pod.ts";
import { planPod } from "./plan-pod.ts";
import type { NodeFacts } from "./pod-field.ts";
import type { PodTokens } from "./pod-tokens.ts";
import type { References } from "./references.ts";
import { isSidecar } from "./restarts.ts";
import type { RuntimeContainer, RuntimeDriver } from "./runtimes/runtime.ts";
import { RuntimeProblem } from "./runtimes/runtime.ts";
import { startRequest } from "./start-request.ts";
import { volumeContents } from "./volume-content.ts";

/** What could not be made is tried again this often; what it waits for wakes it sooner. */
const problemRetryMs = 10_000;
/** Plans carried out one after the other in one pass, so that a plan that never settles cannot hold a turn. */
const plansPerPassMax = 20;
/** A write that failed is tried again after this. */
const writeRetryMs = 1_000;

/** What every worker of a node shares. */
export interface WorkerContext {
  readonly client: Client;
  readonly driver: RuntimeDriver;
  readonly world: World;
  readonly lookup: Lookup;
  readonly references: References;
  readonly tokens: PodTokens;
  readonly node: () => NodeFacts;
  readonly isHostPathAllowed: boolean;
  /** Lines of a pod's resolv.conf; undefined keeps the machine's. */
  readonly resolvConf: (pod: Pod) => string | undefined;
  /** Resolves when services are known, so that no environment lacks them. */
  readonly servicesSynced: Promise<void>;
  readonly note: (pod: Pod, note: ContainerNote) => void;
  /** Runs a pass when one of the bounded turns is free. */
  readonly turn: <T>(run: () => Promise<T>) => Promise<T>;
}

/** Drives one pod: observes, plans, acts, writes the status; one pass at a time, again whenever something changed. */
export class PodWorker {
  readonly #context: WorkerContext;
  readonly #onFinished: () => void;
  readonly #watches = new Map<string, ContainerWatch>();
  readonly #stops = new Map<string, ContainerStop>();
  readonly #problems = new Map<string, Problem>();
  readonly #uid: string;
  #pod: Pod;
  #isObjectGone: boolean;
  #isVolumesStale = false;
  #isAwake = false;
  #isClosed = false;
  #running: Promise<void> | undefined;
  #cancelTimer: () => void = () => undefined;
  #held: Promise<void>;

  constructor(pod: Pod, options: { readonly context: WorkerContext; readonly isObjectGone: boolean; readonly onFinished: () => void }) {
    this.#context = options.context;
    this.#onFinished = options.onFinished;
    this.#pod = pod;
    this.#uid = pod.metadata.uid ?? "";
    this.#isObjectGone = options.isObjectGone;
    this.#held = options.isObjectGone ? Promise.resolve() : this.#hold(pod);
    this.wake();
  }

  /** Resolves when everything its environment and volumes are made from was asked for. */
  async #hold(pod: Pod): Promise<void> {
    const { references, tokens } = this.#context;
    const onChange = () => { this.#inputsChanged(); };
    await Promise.all([
      references.hold(this.#uid, pod.metadata.namespace ?? "", { references: contentReferences(pod.spec), onChange }),
      tokens.hold(pod, onChange),
    ]);
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** The pod as it is now in the API; undefined when it is gone. */
  update(pod: Pod | undefined): void {
    if (pod === undefined) this.#isObjectGone = true;
    else {
      if (!isEqual(pod.metadata.labels, this.#pod.metadata.labels) || !isEqual(pod.metadata.annotations, this.#pod.metadata.annotations)) this.#isVolumesStale = true;
      if (revisionOf(pod) < revisionOf(this.#pod)) return;
      this.#pod = pod;
    }
    this.wake();
  }

  #inputsChanged(): void {
    this.#problems.clear();
    this.#isVolumesStale = true;
    this.wake();
  }

  wake(): void {
    this.#isAwake = true;
    if (this.#running !== undefined || this.#isClosed) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isAwake) this.wake();
    });
  }

  async close(): Promise<void> {
    this.#closeQuietly();
    await this.#running;
  }

  async #run(): Promise<void> {
    await this.#held;
    await this.#context.servicesSynced;
    while (this.#isAwake && !this.#isClosed) {
      this.#isAwake = false;
      try {
        await this.#context.turn(() => this.#pass());
      } catch (error) {
        if (this.#isClosed) return;
        this.#context.world.log.error("a pod could not be brought forward", { error, object: `${this.#pod.metadata.namespace ?? ""}/${this.#pod.metadata.name}` });
        this.#wakeAt(this.#context.world.clock.nowMs() + writeRetryMs);
      }
    }
  }

  async #pass(): Promise<void> {
    for (let i = 0; i < plansPerPassMax && !this.#isClosed; i++) {
      if (this.#isVolumesStale) await this.#refreshVolumes();
      const plan = planPod(this.#pod, this.#observe(), this.#context.world.clock.nowMs());
      if (plan.actions.some((action) => action.kind === "finish")) {
        await this.#finish(plan.status);
        return;
      }
      if (plan.actions.length === 0) {
        await this.#writeStatus(plan.status);
        if (plan.nextAtMs !== undefined) this.#wakeAt(plan.nextAtMs);
        return;
      }
      for (const action of plan.actions) await this.#execute(action);
    }
    this.#wakeAt(this.#context.world.clock.nowMs() + writeRetryMs);
  }

  #wakeAt(atMs: number): void {
    this.#cancelTimer();
    const { clock } = this.#context.world;
    this.#cancelTimer = clock.after(Math.max(1, atMs - clock.nowMs()), () => { this.wake(); });
  }

  /** What is there now; watches and stops are brought in line with it. */
  #observe(): PodObservation {
    const { driver, node } = this.#context;
    const runtime = driver.pod(this.#uid);
    const running = new Map((runtime?.containers ?? []).filter((run) => run.exit === undefined).map((run) => [run.id, run]));
    for (const [id, watch] of this.#watches) if (!running.has(id)) { watch.close(); this.#watches.delete(id); }
    for (const [id, stop] of this.#stops) if (!running.has(id)) { stop.close(); this.#stops.delete(id); }
    for (const run of running.values()) if (!this.#watches.has(run.id)) this.#watch(run, runtime?.ip ?? "");
    return {
      runtime,
      health: new Map([...this.#watches].map(([id, watch]) => [id, watch.health])),
      stopping: new Map([...this.#stops].map(([id, stop]) => [id, stop.killAtMs])),
      problems: this.#problems, isObjectGone: this.#isObjectGone, hostIP: node().hostIP, runtimeName: driver.name,
    };
  }

  #watch(run: RuntimeContainer, podIP: string): void {
    const { driver, world } = this.#context;
    const container = this.#container(run.name);
    const isPlainInit = (this.#pod.spec.initContainers ?? []).some((init) => init.name === run.name && !isSidecar(init));
    if (container === undefined || isPlainInit || this.#isObjectGone) return;
    const known = this.#knownHealth(run);
    this.#watches.set(run.id, new ContainerWatch({
      container, id: run.id, podIP, driver, world, ...(known === undefined ? {} : { known }),
      onChange: () => { this.wake(); }, onNote: (note) => { this.#note(note); },
    }));
  }

  /** What the status says of a run that was adopted, so that a restart of the daemon makes nothing unready. */
  #knownHealth(run: RuntimeContainer): ContainerHealth | undefined {
    const statuses = [...(this.#pod.status.containerStatuses ?? []), ...(this.#pod.status.initContainerStatuses ?? [])];
    const status = statuses.find((other) => other.containerID === containerIdText(this.#context.driver.name, run.id));
    return status?.started === true ? { isStarted: true, isReady: status.ready } : undefined;
  }

  #container(name: string): Container | undefined {
    const { initContainers = [], containers, ephemeralContainers = [] } = this.#pod.spec;
    return [...initContainers, ...containers, ...ephemeralContainers].find((container) => container.name === name);
  }

  async #execute(action: PodAction): Promise<void> {
    switch (action.kind) {
      case "createSandbox": await this.#createSandbox(); return;
      case "start": await this.#start(action); return;
      case "stop": this.#stop(action); return;
      case "removeContainer": await this.#context.driver.removeContainer(action.id); return;
      case "finish": return;
    }
  }

  async #createSandbox(): Promise<void> {
    const pod = this.#pod;
    const { driver, resolvConf } = this.#context;
    await this.#attempt("", async () => {
      const resolver = resolvConf(pod);
      const fullName = fullNameOf(pod);
      const fsGroup = pod.spec.securityContext?.fsGroup;
      const request = {
        uid: this.#uid, namespace: pod.metadata.namespace ?? "", name: pod.metadata.name, hostname: hostnameOf(pod), annotations: pod.metadata.annotations ?? {},
        ...(fullName === undefined ? {} : { fullName }), ...(fsGroup === undefined ? {} : { fsGroup }), ...(resolver === undefined ? {} : { resolvConf: resolver }),
        hostAliases: (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => ({ ip, hostnames: hostnames ?? [] })),
      };
      // The address is known only afterwards, and downward files may show it.
      const needsAddress = (pod.spec.volumes ?? []).some((volume) => volume.downwardAPI !== undefined || volume.projected !== undefined);
      const made = await driver.createSandbox({ ...request, volumes: this.#volumes("") });
      if (needsAddress) await driver.updateVolumes(this.#uid, this.#volumes(made.ip));
    });
  }

  #volumes(podIP: string) {
    const { lookup, node, isHostPathAllowed } = this.#context;
    return volumeContents(this.#pod, { lookup, node: node(), podIP, isHostPathAllowed });
  }

  async #refreshVolumes(): Promise<void> {
    this.#isVolumesStale = false;
    const runtime = this.#context.driver.pod(this.#uid);
    if (runtime === undefined || this.#isObjectGone) return;
    try {
      await this.#context.driver.updateVolumes(this.#uid, this.#volumes(runtime.ip));
    } catch (error) {
      if (!(error instanceof RuntimeProblem)) throw error;
      // What is mounted stays as it is, as upstream, until the object is back.
      this.#note({ type: "Warning", reason: "FailedMount", message: error.message });
    }
  }

  async #start({ container, attempt, backoffMs }: PodAction & { readonly kind: "start" }): Promise<void> {
    const { driver, lookup, node } = this.#context;
    if (backoffMs > 0 && attempt > 1) this.#note({ type: "Warning", reason: "BackOff", message: `Back-off restarting failed container ${container.name} in pod ${this.#pod.metadata.name}_${this.#pod.metadata.namespace ?? ""}(${this.#uid})` });
    await this.#attempt(container.name, async () => {
      const podIP = driver.pod(this.#uid)?.ip ?? "";
      await driver.startContainer(startRequest(this.#pod, container, { lookup, node: node(), podIP, attempt, backoffMs }));
      this.#note({ type: "Normal", reason: "Created", message: "Container created" });
      this.#note({ type: "Normal", reason: "Started", message: "Container started" });
    });
  }

  /** Does it, or remembers why it could not be done. */
  async #attempt(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.#problems.delete(name);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const reason = error instanceof RuntimeProblem ? error.reason : (name === "" ? "FailedCreatePodSandBox" : "CreateContainerError");
      if (!(error instanceof RuntimeProblem)) this.#context.world.log.error("the runtime failed", { error, object: this.#uid });
      this.#problems.set(name, { reason, message, retryAtMs: this.#context.world.clock.nowMs() + problemRetryMs });
      this.#note({ type: "Warning", reason: name === "" ? reason : "Failed", message: name === "" ? message : `Error: ${message}` });
    }
  }

  #stop({ id, container, killAtMs, message }: PodAction & { readonly kind: "stop" }): void {
    const underWay = this.#stops.get(id);
    if (underWay !== undefined) {
      underWay.hasten(killAtMs);
      return;
    }
    const { driver, world } = this.#context;
    if (message !== "FailedPostStartHook") this.#note({ type: "Normal", reason: "Killing", message });
    this.#stops.set(id, new ContainerStop({
      container, id, podIP: driver.pod(this.#uid)?.ip ?? "", driver, world, killAtMs,
      onHookFailed: () => { this.#note({ type: "Warning", reason: "FailedPreStopHook", message: "PreStopHook failed" }); },
    }));
  }

  /** Everything has ended: the last status, then the place, then the object. */
  async #finish(status: PodStatus): Promise<void> {
    const { client, driver, references, tokens } = this.#context;
    if (!this.#isObjectGone) await this.#writeStatus(status);
    await driver.removeSandbox(this.#uid);
    if (!this.#isObjectGone) {
      await client.remove(PodKind, refOf(this.#pod), { gracePeriodSeconds: 0, preconditions: { uid: this.#uid } }).catch((error: unknown) => {
        if (!isApiError(error, "NotFound", "Conflict")) throw error;
      });
    }
    references.release(this.#uid);
    tokens.release(this.#uid);
    this.#closeQuietly();
    this.#onFinished();
  }

  #closeQuietly(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    for (const watch of this.#watches.values()) watch.close();
    for (const stop of this.#stops.values()) stop.close();
  }

  /** Writes the status when it differs; when somebody else wrote meanwhile, the next pass starts from theirs. */
  async #writeStatus(status: PodStatus): Promise<void> {
    if (this.#isObjectGone || isEqual(status, this.#pod.status)) return;
    try {
      this.#pod = await this.#context.client.updateStatus(PodKind, { ...this.#pod, status });
    } catch (error) {
      if (isApiError(error, "NotFound")) this.#isObjectGone = true;
      else if (isApiError(error, "Conflict")) {
        // Another pod of this name may be another node's, which this one may not see.
        const now = await this.#context.client.get(PodKind, refOf(this.#pod)).catch((failure: unknown) => { if (!isApiError(failure, "Forbidden")) throw failure; });
        if (now === undefined || now.metadata.uid !== this.#uid) this.#isObjectGone = true;
        else this.#pod = now;
      } else throw error;
      this.#isAwake = true;
    }
  }

  #note(note: ContainerNote): void {
    if (!this.#isObjectGone) this.#context.note(this.#pod, note);
  }
}

/** Revisions count up in this store; others compare as equal and the newest arrival wins. */
function revisionOf(pod: Pod): number {
  return Number(pod.metadata.resourceVersion ?? 0) || 0;
}
