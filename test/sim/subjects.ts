import type { Followed } from "./safety.ts";

/** The repositories there are. */
export const repoURLs = ["https://git.example.com/one.git", "https://git.example.com/two.git"] as const;

/** The applications by key, and where each has its content. Two follow each repository. */
export const applications: ReadonlyMap<string, Followed> = new Map([
  ["default/a", { repoURL: repoURLs[0], folder: "a", isFinalized: false }], ["default/b", { repoURL: repoURLs[0], folder: "b", isFinalized: true }],
  ["default/c", { repoURL: repoURLs[1], folder: "c", isFinalized: true }], ["default/d", { repoURL: repoURLs[1], folder: "d", isFinalized: false }],
]);
