/** Largest value in bytes: etcd's default request limit, which Kubernetes clients already live with. */
export const valueBytesMax = 1_572_864;

/** Longest key in UTF-16 code units: group, kind, two 253-letter names and separators stay far below it. */
export const keyLengthMax = 1_024;

/** Operations in one transaction: a wave of this many objects is far above what one application holds. */
export const operationsMax = 10_000;

/** Bytes of all values in one transaction; keeps one commit's stay on the disk around a second on slow disks. */
export const transactionBytesMax = 67_108_864;

/** Transactions that share one flush. More gain nothing once the flush is a small part of the batch's time. */
export const transactionsPerBatchMax = 1_024;

/** Bytes of values that share one flush, so that a batch of large values does not delay the next small one for long. */
export const batchBytesMax = 8_388_608;

/** Events that wait for one watcher before it is cut off as too slow; values are shared, so this bounds references only. */
export const watchBufferEventsMax = 20_000;

/** Events handed to a watcher that reads old history in one batch, so that catching up never holds the thread for long. */
export const catchUpEventsMax = 1_000;
