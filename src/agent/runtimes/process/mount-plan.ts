import { RuntimeProblem } from "../runtime.ts";

/** Something of the host to be seen at a path of the container. */
export interface MountWish {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
  readonly isFile: boolean;
}

/** One step of building a container's private view of the file system. Paths with `scratch:` lie in the private tmpfs. */
export type MountStep =
  /** Keep a source reachable while paths above it are covered. */
  | { readonly kind: "hold"; readonly source: string; readonly index: number; readonly isFile: boolean }
  /** Replace `/` by a tmpfs that shows every top-level entry of the host. */
  | { readonly kind: "mirrorRoot" }
  /** Cover a host directory by a writable private layer; mounts below it stay visible. */
  | { readonly kind: "cover"; readonly path: string; readonly submounts: readonly string[] }
  /** Make the mount point, which now lies in something private. */
  | { readonly kind: "point"; readonly path: string; readonly isFile: boolean }
  | { readonly kind: "bind"; readonly index: number; readonly target: string; readonly isReadOnly: boolean };

/** What the host looks like. */
export interface HostView {
  /** The path with every symlink of its existing part resolved, how much of it exists, and as what. */
  resolve(path: string): { readonly path: string; readonly existing: string; readonly kind: "file" | "directory" | undefined };
  /** Every mount point, from /proc/self/mountinfo. */
  readonly mountPoints: readonly string[];
}

/**
 * Decides how to show `wishes` without touching the host: existing targets are bound over, missing ones get their nearest existing parent covered first.
 * Throws RuntimeProblem for targets that cannot be.
 */
export function planMounts(wishes: readonly MountWish[], host: HostView): readonly MountStep[] {
  const sorted = wishes.map((wish) => ({ ...wish, resolved: host.resolve(clean(wish.target)) })).toSorted((a, b) => depth(a.resolved.path) - depth(b.resolved.path));
  const holds = sorted.map((wish, index): MountStep => ({ kind: "hold", source: wish.source, index, isFile: wish.isFile }));
  const isRootMissing = sorted.some(({ resolved }) => resolved.existing === "/" && resolved.kind === undefined);
  const targets = sorted.map(({ resolved }) => resolved.path);
  const isInsideAnother = (path: string) => targets.some((target) => isBelow(path, target));
  const covers = coverPaths(sorted.map(({ resolved }) => resolved).filter(({ path, kind, existing }) => kind === undefined && existing !== "/" && !isInsideAnother(path)).map(({ existing }) => existing));
  const steps: MountStep[] = covers.map((path) => ({ kind: "cover", path, submounts: host.mountPoints.filter((point) => isBelow(point, path)) }));
  sorted.forEach((wish, index) => {
    const { path, kind } = wish.resolved;
    if (path === "/") throw new RuntimeProblem("CreateContainerError", "a volume cannot be mounted at /");
    if (kind === undefined || isInsideAnother(path)) {
      steps.push({ kind: "point", path, isFile: wish.isFile });
    } else if ((kind === "file") !== wish.isFile) {
      throw new RuntimeProblem("CreateContainerError", `mount path ${wish.target} is a ${kind} on this machine and cannot show a ${wish.isFile ? "file" : "directory"}`);
    }
    steps.push({ kind: "bind", index, target: path, isReadOnly: wish.isReadOnly });
  });
  return [...holds, ...(isRootMissing ? [{ kind: "mirrorRoot" } as const] : []), ...steps];
}

/** Directories to cover, none of them below another: covering the upper one covers both. */
function coverPaths(paths: readonly string[]): readonly string[] {
  const unique = [...new Set(paths)].toSorted();
  return unique.filter((path) => !unique.some((other) => isBelow(path, other)));
}

/** Mount points of /proc/self/mountinfo, with its octal escapes undone. @see proc(5) */
export function parseMountPoints(mountinfo: string): readonly string[] {
  const points = mountinfo.split("\n").flatMap((line) => {
    const point = line.split(" ")[4];
    return point === undefined ? [] : [point.replaceAll(/\\(\d{3})/gu, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
  });
  return [...new Set(points)].toSorted();
}

function clean(path: string): string {
  if (!path.startsWith("/") || path.includes("\0") || path.split("/").includes("..")) throw new RuntimeProblem("CreateContainerError", `mount path ${JSON.stringify(path)} must be absolute and without ..`);
  return `/${path.split("/").filter((part) => part !== "" && part !== ".").join("/")}`;
}

function depth(path: string): number {
  return path.split("/").length;
}

function isBelow(path: string, root: string): boolean {
  return root === "/" ? path !== "/" : path.startsWith(`${root}/`);
}
