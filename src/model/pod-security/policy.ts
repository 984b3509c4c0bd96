import type { FieldError } from "../field-error.ts";

/** The levels of the Pod Security Standards, from lax to strict. */
export const podSecurityLevels = ["privileged", "baseline", "restricted"] as const;

export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/** A level at a version of Kubernetes: `latest` or `v1.25`. */
export interface Standard {
  readonly level: PodSecurityLevel;
  readonly version: string;
}

/** What a namespace demands of its pods: refused, noted in the audit log, told to the client. */
export interface PodSecurityPolicy {
  readonly enforce: Standard;
  readonly audit: Standard;
  readonly warn: Standard;
}

const modes = ["enforce", "audit", "warn"] as const;
const prefix = "pod-security.kubernetes.io/";
const lax: Standard = { level: "privileged", version: "latest" };

/**
 * The policy a namespace's labels ask for, and what is wrong with them. A broken label means the strictest where pods are refused and nothing where
 * they are only noted. Without a label of its own, `warn` follows a stricter `enforce`. Pure.
 *
 * @see kubernetes pod-security-admission api/helpers.go PolicyToEvaluate
 */
export function policyOf(labels: Readonly<Record<string, string>> = {}): LabelledPolicy {
  const known = policies.get(labels);
  if (known !== undefined) return known;
  const policy = readPolicy(labels);
  // What may still change says nothing of later.
  if (Object.isFrozen(labels)) policies.set(labels, policy);
  return policy;
}

/** A policy, and what is wrong with the labels that ask for it. */
interface LabelledPolicy {
  readonly policy: PodSecurityPolicy;
  readonly errors: readonly FieldError[];
}

/** By a namespace's labels, which are the same value for all its pods. */
const policies = new WeakMap<object, LabelledPolicy>();

function readPolicy(labels: Readonly<Record<string, string>>): LabelledPolicy {
  const errors: FieldError[] = [];
  const standards = modes.map((mode): Standard => {
    const levelLabel = `${prefix}${mode}`;
    const level = labels[levelLabel];
    const known = podSecurityLevels.find((candidate) => candidate === level);
    if (level !== undefined && known === undefined) errors.push(invalid(levelLabel, level, `must be one of ${podSecurityLevels.join(", ")}`));
    const versionLabel = `${prefix}${mode}-version`;
    const version = labels[versionLabel];
    const isVersion = version === undefined || version === "latest" || /^v1\.(0|[1-9][0-9]*)$/.test(version);
    if (!isVersion) errors.push(invalid(versionLabel, version, 'must be "latest" or "v1.x"'));
    const fallback = level === undefined || mode !== "enforce" ? "privileged" : "restricted";
    return { level: known ?? fallback, version: isVersion ? version ?? "latest" : "latest" };
  });
  const [enforce = lax, audit = lax, ownWarn = lax] = standards;
  const isFollowing = labels[`${prefix}warn`] === undefined && labels[`${prefix}enforce`] === enforce.level && isStricter(enforce.level, ownWarn.level);
  const warn = !isFollowing ? ownWarn : { level: enforce.level, version: labels[`${prefix}warn-version`] === undefined ? enforce.version : ownWarn.version };
  return { policy: { enforce, audit, warn }, errors };
}

/** True when the first level forbids more. */
export function isStricter(level: PodSecurityLevel, other: PodSecurityLevel): boolean {
  return podSecurityLevels.indexOf(level) > podSecurityLevels.indexOf(other);
}

/** `restricted:latest`. */
export function printStandard({ level, version }: Standard): string {
  return `${level}:${version}`;
}

function invalid(label: string, value: string, detail: string): FieldError {
  return { type: "Invalid", path: `metadata.labels[${label}]`, value, detail };
}
