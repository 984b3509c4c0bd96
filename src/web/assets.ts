import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One file of the page, with its precompressed forms. */
export interface Asset {
  readonly contentType: string;
  /** Hashed names never change their content. */
  readonly isImmutable: boolean;
  readonly etag: string;
  readonly plain: Uint8Array;
  readonly brotli: Uint8Array | undefined;
  readonly gzip: Uint8Array | undefined;
}

/** What `build.ts` writes beside the files: one line a file. */
interface AssetManifest {
  readonly files: Readonly<Record<string, { readonly contentType: string; readonly digest: string; readonly isImmutable: boolean; readonly isCompressed: boolean }>>;
}

/** The page as it was built, or undefined when it was not; read once, some 100 kB. */
export function loadAssets(folder: string): ReadonlyMap<string, Asset> | undefined {
  let manifest: AssetManifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as AssetManifest;
  } catch {
    return undefined;
  }
  return new Map(Object.entries(manifest.files).map(([name, file]) => [`/${name}`, {
    contentType: file.contentType, isImmutable: file.isImmutable, etag: `"${file.digest}"`,
    plain: readFileSync(join(folder, name)),
    brotli: file.isCompressed ? readFileSync(join(folder, `${name}.br`)) : undefined,
    gzip: file.isCompressed ? readFileSync(join(folder, `${name}.gz`)) : undefined,
  }]));
}

/** An asset as one request gets it. */
export interface AssetAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** Chooses the form a client takes, or answers that it has it already. Pure. */
export function answerAsset(asset: Asset, asked: { readonly acceptEncoding: string | undefined; readonly ifNoneMatch: string | undefined }): AssetAnswer {
  const headers = {
    "content-type": asset.contentType, etag: asset.etag, vary: "accept-encoding",
    "cache-control": asset.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (asked.ifNoneMatch?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === asset.etag) === true) return { code: 304, headers, body: undefined };
  const accepted = asked.acceptEncoding ?? "";
  if (asset.brotli !== undefined && /\bbr\b/.test(accepted)) return { code: 200, headers: { ...headers, "content-encoding": "br" }, body: asset.brotli };
  if (asset.gzip !== undefined && /\bgzip\b/.test(accepted)) return { code: 200, headers: { ...headers, "content-encoding": "gzip" }, body: asset.gzip };
  return { code: 200, headers, body: asset.plain };
}
