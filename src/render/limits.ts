/** Most templates one chart may have; the largest public charts have about 150. */
export const templateCountMax = 1_000;
/** Largest single template, values file or manifest file in bytes: etcd and Kubernetes refuse objects above 1.5 MiB, CRD bundles reach a few. */
export const fileSizeMaxBytes = 8 * 1024 * 1024;
/** Most characters all templates of one chart may produce (issue 4). */
export const outputMaxLength = 32 * 1024 * 1024;
/** Deepest chain of include and tpl, as Helm's `recursionMaxNums`. */
export const includeDepthMax = 1_000;
/** Most function calls and loop turns of one render: a bound without a clock, far above any real chart (a 20-template chart takes about 2,000). */
export const stepsMax = 5_000_000;
/** Most objects one render may give; more would not fit one plan anybody can read. */
export const manifestCountMax = 10_000;
/** Most problems reported at once: more hide the first. */
export const problemCountMax = 20;
/** Highest list index `parameters` may set, as Helm's `MaxIndex`. */
export const listIndexMax = 65_536;
/** Deepest nesting `parameters` may set, as Helm's `MaxNestedNameLevel`. */
export const parameterDepthMax = 30;

/** Wall time one render may take in a worker (issue 4). */
export const renderDeadlineMs = 5_000;
/** Old-space heap of one worker in MiB; with the young space 512 (issue 4). A chart of 32 MiB output needs about 200. */
export const workerHeapMaxMib = 480;
/** Young-space heap of one worker in MiB: short-lived strings are most of a render. */
export const workerYoungMib = 32;
/** Most renders waiting for a worker: one per application of a large installation. */
export const renderQueueMax = 10_000;
/** Renders at once: two keep a slow chart from delaying the others, more would crowd small machines. */
export const workerCountDefault = 2;
/** An idle worker beyond the warm one ends after this long, to give its memory back. */
export const workerIdleMs = 10_000;
/** The last worker ends after this long without work: a worker holds about 20 MB, a start costs about 100 ms, and a push starts one while git still packs. */
export const workerWarmMs = 45_000;
