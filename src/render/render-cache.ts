import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import { asJson } from "../value/json.ts";
import type { Clock } from "../world/clock.ts";
import type { Renderer, RenderRequest, RenderResult } from "./render.ts";

/** The sync of a pushed commit follows its verdict within seconds; an idle daemon keeps nothing. */
const keptMs = 20_000;
/** Objects kept in all renders together: some megabytes. */
const manifestsKeptMax = 2_000;

/**
 * A renderer that remembers for some seconds: equal inputs render equal outputs, so the verdict on a push and the sync after it share one render.
 * What failed is rendered again, since it may have failed for want of time.
 */
export function cachedRenderer(renderer: Renderer, clock: Clock): Renderer {
  const kept = new Map<string, RenderResult & { readonly kind: "rendered" }>();
  let manifestCount = 0;
  const drop = (key: string) => {
    manifestCount -= kept.get(key)?.manifests.length ?? 0;
    kept.delete(key);
  };
  return {
    async render(request, signal) {
      // Who asks for origins asks once.
      if (request.origins !== undefined) return renderer.render(request, signal);
      const key = digestOf(request);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const result = await renderer.render(request, signal);
      if (result.kind !== "rendered" || result.manifests.length > manifestsKeptMax || kept.has(key)) return result;
      kept.set(key, result);
      manifestCount += result.manifests.length;
      clock.after(keptMs, () => { if (kept.get(key) === result) drop(key); });
      for (const oldest of kept.keys()) {
        if (manifestCount <= manifestsKeptMax) break;
        drop(oldest);
      }
      return result;
    },
    close: () => renderer.close(),
  };
}

/** The tree's own digest stands for its files. */
function digestOf({ tree, ...rest }: RenderRequest): string {
  return sha256(`${tree.digest}\n${printCanonicalJson(asJson(rest))}`);
}
