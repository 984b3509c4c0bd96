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

/** What the API server asks a node agent for on behalf of a client, as upstream asks the kubelet. */
export interface NodeConnection {
  /** Log bytes of one container, ending when the container has ended or the signal aborts. Throws ApiError BadRequest when there are none yet. */
  logs(pod: { readonly namespace: string; readonly name: string; readonly uid: string }, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Finds the connection to a node's agent; undefined when it is not reachable. */
export interface NodeConnections {
  of(nodeName: string): NodeConnection | undefined;
}
