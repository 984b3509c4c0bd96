const mebibyte = 1_048_576;

/** Bounds of what is taken from Git. Each has its own message; tests lower them. */
export interface SourceLimits {
  readonly fileBytesMax: number;
  readonly treeBytesMax: number;
  readonly treeFilesMax: number;
  readonly pathLengthMax: number;
  readonly pathDepthMax: number;
  readonly packBytesMax: number;
  readonly refsMax: number;
  readonly pushRefsMax: number;
  readonly advertisementBytesMax: number;
}

/** What holds unless a test says otherwise. */
export const sourceLimits: SourceLimits = {
  /** Manifests and chart files are small; 5 MiB is three times what one Kubernetes object may hold (1.5 MiB in etcd). */
  fileBytesMax: 5 * mebibyte,
  /** A folder is held in memory while it is rendered. */
  treeBytesMax: 64 * mebibyte,
  /** The largest chart collections seen have about 3,000 files. */
  treeFilesMax: 10_000,
  /** Longer paths do not fit Linux' PATH_MAX (4,096) when a folder of ours stands before them; people never reach a quarter of it. */
  pathLengthMax: 1_024,
  /** Folders below folders; bounds the walk. */
  pathDepthMax: 32,
  /** One fetch or push; GitHub warns above 1 GB for a whole repository. */
  packBytesMax: 500 * mebibyte,
  /** Branches and tags a remote may list. */
  refsMax: 50_000,
  /** Those one push may change: the Kubernetes repository, with its 1,200 tags, fits. Git writes each durably, a millisecond or more. */
  pushRefsMax: 2_000,
  /** The list of refs itself: refsMax lines of about 100 bytes. */
  advertisementBytesMax: 8 * mebibyte,
};

/** isomorphic-git holds a pack several times in memory while it indexes it; larger repositories need the git command. */
export const isomorphicPackBytesMax = 32 * mebibyte;

/** How far the process may grow while isomorphic-git works, before that work is ended: a hostile pack may inflate to any size. */
export const isomorphicGrowthBytesMax = 768 * mebibyte;

/** A fetch or push that takes longer is given up. */
export const transferTimeoutMs = 600_000;

/** A remote that sends nothing for this long is unreachable. */
export const remoteSilenceTimeoutMs = 30_000;

/** Git commands on local objects answer in milliseconds; this ends a hung disk. */
export const localTimeoutMs = 60_000;

/** Redirects followed in a row; git itself follows 20, real hosts need 1 or 2. */
export const redirectsMax = 5;

/** Packs in one mirror before it is written anew: isomorphic-git looks through each of them for each object. */
export const mirrorPacksMax = 50;

/** A push waits this long for its verdict (render, plan and check), then it is refused: longer than a render may take on a machine that is far overloaded. */
export const pushVerdictTimeoutMs = 80_000;

/** Git processes that serve clones and pushes at once; each holds up to about 50 MB. */
export const gitServingMax = 16;

/** GitHub sends up to 25 MB, but pushes of a few commits take some kilobytes; more than this we do not need. */
export const webhookBytesMax = 5 * mebibyte;

/** Webhooks read at once: strangers may send them, and each is held in memory until it is verified. */
export const webhooksMax = 16;

/** Time for a webhook to arrive whole; providers give up after ten to thirty seconds themselves. */
export const webhookTimeoutMs = 30_000;

/** FileTrees kept for the next reader, by tree id. */
export const treeCacheBytesMax = 16 * mebibyte;

/** How many commits a history may show. */
export const historyMax = 1_000;
