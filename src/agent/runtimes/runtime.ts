import type { LogOptions, PodConnection, ProgramStreams } from "../../api/nodes.ts";

/** How one container ended. */
export interface ContainerExit {
  /** As a shell sees it: 128 + signal when a signal ended the program. */
  readonly code: number;
  readonly atMs: number;
  /** `Completed`, `Error`, `StartError`, `OOMKilled`, `ContainerStatusUnknown`. */
  readonly reason: string;
  /** The termination message, or why it could not start. */
  readonly message?: string;
}

/** One run of a container. A restart is a new one with the next attempt. */
export interface RuntimeContainer {
  /** Unique on the node, for good. */
  readonly id: string;
  readonly name: string;
  /** 0 for the first run; the restart count. */
  readonly attempt: number;
  /** The wait, in milliseconds, before the run after this one may begin (see restarts.ts). */
  readonly backoffMs: number;
  readonly startedAtMs: number;
  /** Undefined while it runs. */
  readonly exit?: ContainerExit;
}

/** What a runtime really holds of one pod. */
export interface RuntimePod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  /** By name, then attempt, oldest first. */
  readonly containers: readonly RuntimeContainer[];
}

/** One file of a volume whose content comes from the API. */
export interface VolumeFile {
  /** Relative to the volume, checked: no `..`, not absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** What a volume holds, with everything looked up. */
export type VolumeContent =
  | { readonly kind: "empty"; readonly name: string; readonly isInMemory: boolean }
  | { readonly kind: "files"; readonly name: string; readonly isSecret: boolean; readonly files: readonly VolumeFile[] }
  | { readonly kind: "host"; readonly name: string; readonly path: string };

/** A pod's place to run: its address and volumes. */
export interface SandboxRequest {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  /** The name by which the cluster knows it, where it has one; the pod itself finds its own address by it. */
  readonly fullName?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly volumes: readonly VolumeContent[];
  /** Group that owns the volumes' files, from securityContext.fsGroup. */
  readonly fsGroup?: number;
  /** Lines of the pod's own /etc/resolv.conf; absent: the host's is used. */
  readonly resolvConf?: string;
  readonly hostAliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
}

/** A volume at a path of the container. */
export interface ContainerMount {
  readonly volume: string;
  readonly mountPath: string;
  /** Relative, checked: no `..`. "" is the volume itself. */
  readonly subPath: string;
  readonly isReadOnly: boolean;
}

/** Everything needed to start one run of a container; nothing is looked up afterwards. */
export interface StartRequest {
  readonly uid: string;
  readonly name: string;
  readonly image: string;
  readonly attempt: number;
  readonly backoffMs: number;
  readonly command: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly ContainerMount[];
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly terminationMessagePath: string;
  readonly isLogUsedAsMessage: boolean;
  /** Clients that attach may speak to the program: `open` as long as it runs, `once` until the first has said all. Absent: it reads nothing. */
  readonly input?: "open" | "once";
  /** The program gets a terminal. */
  readonly isTerminal?: boolean;
  /** An init container whose end the others wait for: no sidecar. */
  readonly isInit?: boolean;
}

/** A probe's or hook's question, with ports and hosts resolved. */
export type HandlerAction =
  | { readonly kind: "exec"; readonly command: readonly string[] }
  | { readonly kind: "http"; readonly scheme: "HTTP" | "HTTPS"; readonly host: string; readonly port: number; readonly path: string; readonly headers: readonly { readonly name: string; readonly value: string }[] }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "grpc"; readonly host: string; readonly port: number; readonly service: string };

/** A program beside a container's own. */
export interface ProgramRequest {
  readonly command: readonly string[];
  readonly isTerminal: boolean;
}

/** The answer: `isSuccess` false is a failure with what the program said; a handler that cannot be asked throws. */
export interface HandlerOutcome {
  readonly isSuccess: boolean;
  readonly output: string;
}

/** What a runtime can and cannot promise here, for the Node's status. */
export interface RuntimeReport {
  /** `process://1.0`, for nodeInfo.containerRuntimeVersion. */
  readonly version: string;
  /** Guarantees of Kubernetes this runtime does not give on this machine: one sentence each. */
  readonly missing: readonly string[];
  /** Undefined: it works. Otherwise why nothing can be run. */
  readonly failure?: string;
}

/** A start that will not work however often it is tried unchanged; `reason` is the container's waiting reason. */
export class RuntimeProblem extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RuntimeProblem";
    this.reason = reason;
  }
}

/**
 * Runs pods on this machine. Every method may be called again after a crash in its middle: it finds what is there.
 * Containers outlive the driver: `close` leaves them running, and a new driver on the same state adopts them.
 */
export interface RuntimeDriver {
  /** `process`, `simulated`. */
  readonly name: string;
  /** Takes up what runs from before, and answers what is guaranteed. Called once, before anything else. */
  open(): Promise<RuntimeReport>;
  /** Every pod the runtime holds, running or not. */
  pods(): readonly RuntimePod[];
  pod(uid: string): RuntimePod | undefined;
  /** Makes the pod's place, or answers the one that exists, with its volumes brought up to date. */
  createSandbox(request: SandboxRequest): Promise<RuntimePod>;
  /** Brings the content of `files` volumes up to date, atomically per volume. */
  updateVolumes(uid: string, volumes: readonly VolumeContent[]): Promise<void>;
  /** Starts one run. Throws RuntimeProblem with the waiting reason when it cannot. */
  startContainer(request: StartRequest): Promise<RuntimeContainer>;
  /** `TERM` asks the program to end; `KILL` ends it and everything it started. No error when it has ended. */
  signal(id: string, signal: "TERM" | "KILL"): Promise<void>;
  /** Forgets an ended run with its logs. */
  removeContainer(id: string): Promise<void>;
  /** Forgets the pod: address, volumes, logs. All its containers have ended. */
  removeSandbox(uid: string): Promise<void>;
  /** Asks a running container. */
  handle(id: string, action: HandlerAction, timeoutMs: number, signal: AbortSignal): Promise<HandlerOutcome>;
  /** Runs a program where the container runs: its files, environment, user and working directory. Answers the exit code; the signal ends it with all it started. */
  exec(id: string, request: ProgramRequest, streams: ProgramStreams, signal: AbortSignal): Promise<number>;
  /** Passes on what the container says from now on, and to its stdin where it has one, until it ends or the signal aborts. Answers its exit code, 0 when left. */
  attach(id: string, streams: ProgramStreams, signal: AbortSignal): Promise<number>;
  /** Connects to a port of the pod. */
  connect(uid: string, port: number, signal: AbortSignal): Promise<PodConnection>;
  /** Log bytes of one run, following when asked until it has ended. */
  logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Calls back with a pod's uid when one of its containers started, ended or went away. The answer unsubscribes. */
  onChange(listener: (uid: string) => void): () => void;
  /** Stops watching; containers run on. */
  close(): Promise<void>;
}

/** The id of one run: the same on every driver, so that statuses can be matched after a restart. */
export function containerIdOf(uid: string, name: string, attempt: number): string {
  return `${uid}.${name}.${String(attempt)}`;
}
