import { gzipSync } from "node:zlib";
import type { FileTree } from "../../value/file-tree.ts";
import { faultAt } from "../fault.ts";
import { parseVersion } from "../version.ts";
import { readChartTree } from "./chart-tree.ts";
import { helmIgnore } from "../helm-ignore.ts";
import { fileText } from "../tree-text.ts";

const blockSize = 512;
/** Fields of a tar header as POSIX has them: offset and length. */
const fields = { name: [0, 100], mode: [100, 8], owner: [108, 8], group: [116, 8], size: [124, 12], time: [136, 12], checksum: [148, 8], type: [156, 1], magic: [257, 8], prefix: [345, 155] } as const;
/** Every file is readable by everybody and of nobody, from the beginning of 1970: the package depends on the contents alone. */
const fileMode = 0o644;
/** gzip's header byte for the operating system, which tells nothing here; zlib writes its own. */
const systemByte = 9;
const unknownSystem = 255;

/** A chart as `helm package` makes it. */
export interface PackedChart {
  /** `NAME-VERSION.tgz`. */
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** What a package says of itself instead of what its folder says. */
export interface PackVersions {
  readonly version?: string;
  readonly appVersion?: string;
}

/** Packs a chart: what `.helmignore` leaves, below a folder of the chart's name, `Chart.yaml` first. Equal charts give equal bytes. Throws RenderFault. */
export function packChart(given: FileTree, versions: PackVersions = {}): PackedChart {
  const tree = withVersions(given, versions);
  const { name, metadata } = readChartTree(tree);
  const { version } = metadata;
  if (typeof version !== "string" || parseVersion(version) === undefined) throw faultAt({ file: "Chart.yaml" }, "a package needs a semantic version here, as version: 1.2.3");
  const isIgnored = tree.files.has(".helmignore") ? helmIgnore(fileText(tree, ".helmignore")) : () => false;
  const paths = [...tree.files.keys()].filter((path) => path === "Chart.yaml" || !isIgnored(path)).toSorted((left, right) => (left === "Chart.yaml" ? -1 : right === "Chart.yaml" ? 1 : left < right ? -1 : 1));
  const parts = paths.flatMap((path) => entryOf(`${name}/${path}`, tree.files.get(path) ?? new Uint8Array()));
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockSize)]), { level: 9 });
  packed[systemByte] = unknownSystem;
  return { fileName: `${name}-${version}.tgz`, bytes: packed };
}

/** The chart with other versions in its Chart.yaml, whose other lines stay as they are written. */
function withVersions(tree: FileTree, versions: PackVersions): FileTree {
  const changes = Object.entries(versions);
  if (changes.length === 0) return tree;
  const text = changes.reduce((lines, [key, value]) => {
    const line = `${key}: ${JSON.stringify(value)}`;
    const pattern = new RegExp(`^${key}:.*$`, "m");
    return pattern.test(lines) ? lines.replace(pattern, () => line) : `${lines.replace(/\n*$/, "")}\n${line}\n`;
  }, fileText(tree, "Chart.yaml"));
  const changed: FileTree = { ...tree, files: new Map([...tree.files, ["Chart.yaml", new TextEncoder().encode(text)]]) };
  const { metadata } = readChartTree(changed);
  if (changes.some(([key, value]) => metadata[key] !== value)) throw faultAt({ file: "Chart.yaml" }, "version and appVersion can only be replaced where they stand on lines of their own");
  return changed;
}

function entryOf(path: string, content: Uint8Array): readonly Uint8Array[] {
  const header = Buffer.alloc(blockSize);
  const write = (field: keyof typeof fields, text: string): void => { header.write(text, fields[field][0], fields[field][1], "utf8"); };
  const octal = (field: keyof typeof fields, value: number): void => { write(field, `${value.toString(8).padStart(fields[field][1] - 1, "0")}\u0000`); };
  const { name, prefix } = splitPath(path);
  write("name", name);
  write("prefix", prefix);
  octal("mode", fileMode);
  octal("owner", 0);
  octal("group", 0);
  octal("size", content.byteLength);
  octal("time", 0);
  write("type", "0");
  write("magic", "ustar\u000000");
  // The sum is made with blanks in its own place.
  header.fill(" ", fields.checksum[0], fields.checksum[0] + fields.checksum[1]);
  write("checksum", `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\u0000 `);
  return [header, content, Buffer.alloc((blockSize - (content.byteLength % blockSize)) % blockSize)];
}

/** A path of more than 100 bytes is cut at a `/` so that both parts have room. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= fields.name[1]) return { name: path, prefix: "" };
  const cuts = Array.from(path.matchAll(/\//g), ({ index }) => index);
  const cut = cuts.find((at) => Buffer.byteLength(path.slice(at + 1)) <= fields.name[1]);
  if (cut === undefined || Buffer.byteLength(path.slice(0, cut)) > fields.prefix[1]) throw faultAt({ file: path.slice(path.indexOf("/") + 1) }, "the path is too long for a package");
  return { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
}
