import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import type { FileTree } from "../value/file-tree.ts";
import type { RepositoryProblem } from "../world/repositories.ts";
import { isDenied } from "./account.ts";
import { fitsArtifact, unpackArtifact } from "./artifacts.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import { printChange } from "./diff.ts";
import { evaluate, releaseEventOf, wantedOfRender } from "./evaluate.ts";
import { storedRenderOf, wantedOfStored } from "./memory.ts";
import type { Wanted } from "./memory.ts";
import type { Plan, Step } from "./plan.ts";
import { stepsOf } from "./plan.ts";
import { saysAlready } from "./application-status.ts";
import type { Problem } from "./problem.ts";
import { releaseInputOf } from "./release.ts";
import { atFieldPlaces } from "./field-places.ts";
import { renderSource } from "./render-source.ts";
import { printProblems } from "./problem.ts";
import type { Loop } from "./loop.ts";
import { applicationKey, resourceText } from "./tracking.ts";
import { validatePlan } from "./validate-plan.ts";

/** What would happen to one application. */
export interface Preview {
  readonly application: string;
  readonly revision: string;
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  /** True when the application says all these problems of itself already: what is previewed does not break it. */
  readonly isKnownWrong?: boolean;
}

/** Changed fields of one object shown in a preview. */
const fieldsShownMax = 6;

/** Objects shown in a preview. */
const stepsShownMax = 30;

/** What a tree that is not committed yet would do to the applications that follow a branch of its repository. */
export async function previewTree(
  loop: Loop, question: { readonly isFollowed: (repoURL: string) => boolean; readonly branch: string; readonly isDefaultBranch: boolean; readonly commit: string },
  readTree: (path: string) => Promise<FileTree | RepositoryProblem>, signal: AbortSignal,
): Promise<readonly Preview[]> {
  const { items } = await loop.client.list(ApplicationKind);
  const followers = items.filter((application) => question.isFollowed(application.spec.source.repoURL) && followsBranch(application, question));
  const previews: Preview[] = [];
  for (const application of followers) {
    const tree = await readTree(application.spec.source.path ?? ".");
    const preview = tree.kind === "problem"
      ? { application: applicationKey(application), revision: question.commit, plan: undefined, problems: [{ reason: tree.reason, message: tree.message }] }
      : await previewOf(loop, application, question.commit, tree, signal);
    previews.push({ ...preview, isKnownWrong: saysAlready(application, preview.problems) });
  }
  return previews;
}

function followsBranch(application: Application, question: { readonly branch: string; readonly isDefaultBranch: boolean }): boolean {
  const wanted = (application.spec.source.targetRevision ?? "HEAD").replace(/^refs\/heads\//, "");
  return wanted === question.branch || (question.isDefaultBranch && wanted === "HEAD");
}

async function previewOf(loop: Loop, application: Application, commit: string, tree: FileTree, signal: AbortSignal): Promise<Preview> {
  const rendered = await renderSource(application, tree, loop.tools, { signal, pins: await loop.tools.pins.load(application) });
  if (rendered.kind === "problems") return { application: applicationKey(application), revision: commit, plan: undefined, problems: rendered.problems };
  const { wanted, problems } = wantedOfRender(application, { revision: commit, treeDigest: tree.digest, manifests: rendered.manifests, input: releaseInputOf(application, tree.digest) }, loop.kinds);
  if (problems.length > 0) return { application: applicationKey(application), revision: commit, plan: undefined, problems };
  const preview = await previewWanted(loop, application, wanted);
  return preview.problems.length === 0 ? preview : { ...preview, problems: await atFieldPlaces(preview.problems, { application, tree, tools: loop.tools }, signal) };
}

/** What going back to what a Sync deployed would do. */
export async function previewRollback(loop: Loop, application: Application, syncName: string): Promise<Preview> {
  const namespace = application.metadata.namespace ?? "";
  const sync = await loop.client.get(SyncKind, { namespace, name: syncName });
  const artifact = sync?.spec.artifact === undefined ? undefined : await loop.client.get(ArtifactKind, { namespace, name: sync.spec.artifact });
  if (artifact === undefined) {
    return { application: applicationKey(application), revision: "", plan: undefined, problems: [{ reason: "NoSuchRevision", message: `sync ${syncName} is not in the history of ${application.metadata.name}` }] };
  }
  return previewWanted(loop, application, wantedOfStored(await unpackArtifact(artifact), loop.kinds), true);
}

/** What a sync by hand would do now: the drift and whatever waits. */
export async function previewSync(loop: Loop, application: Application): Promise<Preview> {
  const memory = loop.memoryOf(applicationKey(application));
  const wanted = application.status.pinnedRevision === undefined ? memory.wanted : (memory.pinned ?? memory.wanted);
  if (wanted === undefined || memory.problems.length > 0) return { application: applicationKey(application), revision: wanted?.revision ?? "", plan: undefined, problems: memory.problems };
  return previewWanted(loop, application, wanted);
}

async function previewWanted(loop: Loop, application: Application, wanted: Wanted, isRollback = false): Promise<Preview> {
  const { reader } = loop;
  if (reader === undefined) throw new Error("the caches are not filled yet");
  const key = applicationKey(application);
  const { plan, problems } = evaluate({
    application, wanted, priors: loop.memoryOf(key).priors ?? new Map(), reader, memories: loop.memories,
    generation: (application.status.planGeneration ?? 0) + 1, mayPrune: true, kinds: loop.kinds,
    event: releaseEventOf(application, wanted, isRollback, reader),
  });
  const tooLarge = !(await fitsArtifact(storedRenderOf(plan, wanted)));
  const all = [...problems, ...(tooLarge ? [{ reason: "TooLarge" as const, message: "the rendered objects do not fit one megabyte compressed; split the application" }] : [])];
  const refused = all.length > 0 ? all : await validatePlan(plan, loop, { application, desired: wanted.desired });
  return { application: key, revision: wanted.revision, plan: isDenied(refused) ? undefined : plan, problems: refused };
}

const marks: Readonly<Record<Step["action"], string>> = { Create: "+", Update: "~", Move: ">", Delete: "-" };

/** A preview as lines for a terminal. */
export function printPreview(preview: Preview, application: Application | undefined): readonly string[] {
  if (preview.problems.length > 0) return [`${preview.application}: ${preview.isKnownWrong === true ? "wrong before this push, and still" : "refused"}`, ...printProblems(preview.problems).map((line) => `  ${line}`)];
  const steps = preview.plan === undefined ? [] : stepsOf(preview.plan);
  const hooks = preview.plan?.hooks === undefined ? [] : [...preview.plan.hooks.before, ...preview.plan.hooks.after].map((hook) => `  ! ${hook.event} hook ${resourceText(hook)} runs`);
  if (steps.length === 0 && hooks.length === 0) return [`${preview.application}: nothing changes`];
  const isKept = application?.spec.syncPolicy?.automated?.prune !== true;
  const lines = steps.slice(0, stepsShownMax).flatMap((step) => [
    `  ${marks[step.action]} ${resourceText(step)}${step.action === "Delete" && isKept ? " (kept: prune is off)" : ""}`,
    ...step.changes.slice(0, fieldsShownMax).map((change) => `      ${printChange(change)}`),
    ...(step.changes.length > fieldsShownMax ? [`      and ${step.changes.length - fieldsShownMax} more fields`] : []),
  ]);
  return [`${preview.application}: ${steps.length} ${steps.length === 1 ? "object" : "objects"} will change`, ...lines, ...hooks.slice(0, stepsShownMax), ...(steps.length > stepsShownMax ? [`  and ${steps.length - stepsShownMax} more objects`] : [])];
}
