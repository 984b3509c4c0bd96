/** Options of `kubectl logs`, as PodLogOptions. */
export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
}

/** A pod as its node knows it. */
export interface NodePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Columns and rows of a client's terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a client and a program in a container say to each other. */
export interface ProgramStreams {
  /** What the client types; ends when it has nothing more to say. Absent: the program gets no input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. A stream the client did not ask for is dropped. */
  write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  /** The sizes of the client's terminal, as they change. */
  readonly sizes?: AsyncIterable<TerminalSize>;
}

/** A program to be run beside a container's own. */
export interface ExecRequest {
  readonly container: string;
  readonly command: readonly string[];
  /** The program gets a terminal, whose output is all stdout. */
  readonly isTerminal: boolean;
}

/** One connection to a port of a pod. */
export interface PodConnection {
  /** What the pod says; ends when it is done, throws when the connection breaks. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** The client has nothing more to say. */
  end(): void;
  /** Cuts it. */
  destroy(): void;
}

/** What the API server asks a node agent for on behalf of a client, as upstream asks the kubelet. All throw ApiError BadRequest when the container does not run. */
export interface NodeConnection {
  /** Log bytes of one container, ending when the container has ended or the signal aborts. Throws ApiError BadRequest when there are none yet. */
  logs(pod: NodePod, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Runs a program in a container; answers its exit code. The signal ends it. */
  exec(pod: NodePod, request: ExecRequest, streams: ProgramStreams, signal: AbortSignal): Promise<number>;
  /** Joins a container's own program until it ends; answers its exit code. The signal leaves it. */
  attach(pod: NodePod, container: string, streams: ProgramStreams, signal: AbortSignal): Promise<number>;
  /** Connects to a port. Throws ApiError when nobody listens. */
  connect(pod: NodePod, port: number, signal: AbortSignal): Promise<PodConnection>;
}

/** Finds the connection to a node's agent; undefined when it is not reachable. */
export interface NodeConnections {
  of(nodeName: string): NodeConnection | undefined;
}
