import type { AccessAttributes } from "../verbs.ts";

/** What each method means to the authoriser when the path alone is looked at; others mean nothing. */
const pathVerbs: ReadonlyMap<string, string> = new Map([["POST", "create"], ["GET", "get"], ["HEAD", "get"], ["PUT", "update"], ["PATCH", "patch"], ["DELETE", "delete"]]);

/** What a verb on one object becomes where no object is named. */
const collectionVerbs: ReadonlyMap<string, string> = new Map([["get", "list"], ["delete", "deletecollection"]]);

/** Verbs that stand in the path, before what they are about. */
const prefixVerbs: ReadonlySet<string> = new Set(["proxy", "watch"]);

/** Parts of a namespace that are no resources inside it. */
const namespaceParts: ReadonlySet<string> = new Set(["status", "finalize"]);

/**
 * What a request is to the authoriser by its path alone, whether there is such a resource or not: who may not ask for what is not there is told that, and
 * learns nothing of what there is.
 *
 * @see kubernetes apiserver pkg/endpoints/request/requestinfo.go NewRequestInfo
 */
export function attributesOfPath(method: string, path: string, isWatch: boolean): AccessAttributes {
  const [root = "", ...behind] = decoded(path) ?? [];
  const group = root === "api" ? "" : behind[0] ?? "";
  const parts = behind.slice(root === "api" ? 1 : 2);
  const isResource = (root === "api" || root === "apis") && parts.length > 0;
  if (!isResource) return { verb: method.toLowerCase(), group: "", resource: "", path };
  const [first = ""] = parts;
  const isPrefixed = prefixVerbs.has(first);
  const [namespace, words] = placeOf(isPrefixed ? parts.slice(1) : parts);
  const [resource = "", name, subresource] = words;
  const plain = pathVerbs.get(method) ?? "";
  const verb = isPrefixed ? first : name !== undefined ? plain : plain === "get" && isWatch ? "watch" : collectionVerbs.get(plain) ?? plain;
  return {
    verb, group, resource, ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }), ...(subresource === undefined ? {} : { subresource }),
  };
}

/** The namespace a path is in, and what it names there: a namespace itself stands in the namespace of its own name. */
function placeOf(parts: readonly string[]): readonly [namespace: string | undefined, words: readonly string[]] {
  const [root, namespace, part] = parts;
  if (root !== "namespaces" || namespace === undefined) return [undefined, parts];
  return [namespace, part === undefined || namespaceParts.has(part) ? parts : parts.slice(2)];
}

function decoded(path: string): readonly string[] | undefined {
  try {
    return path.split("/").filter((part) => part !== "").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
