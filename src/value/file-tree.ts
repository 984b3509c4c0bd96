/** A folder of files read from Git, a chart package or a disk. Content-addressed: equal digests mean equal content. */
export interface FileTree {
  readonly kind: "tree";
  /** Git's tree object id where it comes from Git, else `sha256:…` over paths and contents. */
  readonly digest: string;
  /** Contents by path; paths are relative, `/`-separated, without `.` or `..`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}
