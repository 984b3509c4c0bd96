/** Most templates one chart may have; the largest public charts have about 150. */
export const templateCountMax = 1_000;
/** Largest single template, values file or manifest file in bytes: etcd and Kubernetes refuse objects above 1.5 MiB, CRD bundles reach a few. */
export const fileSizeMaxBytes = 8 * 1024 * 1024;
/** Most characters all templates of one chart may produce (issue 4). */
export const outputMaxLength = 32 * 1024 * 1024;
/** Most items of a list a function may make: the longest of real charts have some thousands. */
export const listItemsMax = 1024 * 1024;
/** Longest message of a problem: some repeat what was written, which may be anything. */
export const messageLengthMax = 2_000;
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

/** The bounds of a render that can be set. */
export interface RenderBounds extends TemplateLimits {
  /** Processor time of one render. */
  readonly deadlineMs: number;
  /** Time on the wall of one render, which is longer. */
  readonly wallMs: number;
  /** Memory of one render. */
  readonly memoryMib: number;
}

/** Those that templates hold by themselves, in every world. */
export interface TemplateLimits {
  /** Characters all templates of one chart may produce. */
  readonly outputMaxLength: number;
  readonly includeDepthMax: number;
}

/** What holds where nothing else is said. */
export const templateLimits: TemplateLimits = { outputMaxLength, includeDepthMax };

/** Processor time one render may take (issue 4): a busy machine must not fail a healthy chart. Where the system does not tell it, time on the wall. */
export const renderDeadlineMs = 5_000;
/** Time on the wall one render may take: a worker gets its processor time on a machine that is twelve times overloaded. */
export const renderWallMs = 60_000;
/** How often a running render is looked at; most are done before the first look. */
export const renderLookMs = 100;
/** Memory one render may take in MiB (issue 4). A chart of 32 MiB output needs about 200. */
export const renderMemoryMib = 512;
/** What a worker holds besides its heap in MiB: Node's program, code, buffers. An idle one has about 60. */
export const workerProgramMib = 160;
/** Half of the young heap's copying space of one worker in MiB: short-lived strings are most of a render. */
export const workerSemiMib = 8;
/** Stack of a worker: a chain of a thousand includes takes about 2 MiB, and systems give 8. */
export const workerStackKib = 3_900;
/** A worker ends after this much processor time in its life: one whose daemon was killed while it loops. */
export const workerLifeMs = 3_600_000;
/** Most renders waiting for a worker: one per application of a large installation. */
export const renderQueueMax = 10_000;
/** Renders at once: two keep a slow chart from delaying the others, more would crowd small machines. */
export const workerCountDefault = 2;
/** An idle worker beyond the warm one ends after this long, to give its memory back. */
export const workerIdleMs = 10_000;
/** The last worker ends after this long without work: a worker holds about 70 MB, a start costs about 200 ms, and a push starts one while git still packs. */
export const workerWarmMs = 45_000;
/** Most characters of rendered text whose origins are kept, a few hundred kilobytes when packed; of more they are found by rendering again. */
export const keptOriginsMaxLength = 8 * 1024 * 1024;
