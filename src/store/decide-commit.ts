import { pooledBytes } from "../value/byte-pool.ts";
import { keyLengthMax, operationsMax, transactionBytesMax, valueBytesMax } from "./limits.ts";
import { StoreError } from "./store.ts";
import type { CommitResult, Operation, StoreEntry, Transaction } from "./store.ts";

/** What a transaction is judged by: the newest state, with everything decided before it. */
export interface CommitState {
  readonly revision: number;
  get(key: string): StoreEntry | undefined;
  /** The newest generation committed under this name; undefined when there was none. */
  fenceGeneration(name: string): number | undefined;
}

export type CommitDecision =
  | { readonly kind: "refuse"; readonly result: CommitResult }
  /** `operations` are those that change something; when there are none, no revision is taken. */
  | { readonly kind: "write"; readonly operations: readonly Operation[]; readonly raisesFence: boolean };

/** Decides what one transaction does to a state. Pure. */
export function decideCommit(transaction: Transaction, state: CommitState): CommitDecision {
  const { fence } = transaction;
  const generation = fence === undefined ? undefined : state.fenceGeneration(fence.name);
  if (fence !== undefined && generation !== undefined && fence.generation < generation) {
    return { kind: "refuse", result: { kind: "fenced", name: fence.name, generation } };
  }
  for (const condition of transaction.conditions) {
    const current = state.get(condition.key);
    if ((current?.revision ?? 0) !== condition.revision) return { kind: "refuse", result: { kind: "conflict", key: condition.key, current } };
  }
  const operations = transaction.operations.filter((operation) => operation.kind === "put" || state.get(operation.key) !== undefined);
  return { kind: "write", operations, raisesFence: fence !== undefined && fence.generation !== generation };
}

/**
 * Checks what does not depend on any state, and answers the transaction with its own copy of the values:
 * the caller may reuse its buffers, and a small value never keeps a large buffer alive.
 * Throws StoreError "too-large", and TypeError for keys no store could hold.
 */
export function acceptTransaction(transaction: Transaction): Transaction {
  if (transaction.operations.length > operationsMax) {
    throw new StoreError("too-large", `a transaction of ${transaction.operations.length} operations is above the limit of ${operationsMax}`);
  }
  const seen = transaction.operations.length > 1 ? new Set<string>() : undefined;
  let totalBytes = 0;
  const operations = transaction.operations.map((operation): Operation => {
    const { key } = operation;
    if (key === "" || key.length > keyLengthMax || !key.isWellFormed()) throw new TypeError(`not a key: ${JSON.stringify(key.slice(0, keyLengthMax))}`);
    if (seen?.has(key) === true) throw new TypeError(`a transaction changes ${key} twice`);
    seen?.add(key);
    if (operation.kind === "remove") return { kind: "remove", key };
    if (operation.value.length > valueBytesMax) {
      throw new StoreError("too-large", `the value of ${key} has ${operation.value.length} bytes; the limit is ${valueBytesMax}`);
    }
    totalBytes += operation.value.length;
    const value = pooledBytes(operation.value.length);
    value.set(operation.value);
    return { kind: "put", key, value };
  });
  if (totalBytes > transactionBytesMax) {
    throw new StoreError("too-large", `a transaction of ${totalBytes} bytes is above the limit of ${transactionBytesMax}`);
  }
  return { ...transaction, operations };
}
