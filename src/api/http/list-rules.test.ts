import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openAsker } from "../../../test/api/asker.ts";
import type { Asker, Reply } from "../../../test/api/asker.ts";
import { configMap } from "../../../test/api/objects.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";

const collection = "/api/v1/namespaces/lists/configmaps";

/** Placeholders of the tables: a revision that shows a and b, the newest one, which shows c too, and one that is compacted. */
type Revision = "OLD" | "NEW" | "GONE";

/** Parameters of a list, and the names it shows with the revision it names, or the refusal. */
const lists: readonly (readonly [query: string, expected: string])[] = [
  ["", "a b c at NEW"],
  ["resourceVersion=", "a b c at NEW"],
  ["resourceVersion=0", "a b c at NEW"],
  ["resourceVersion=OLD", "a b c at NEW"],
  ["resourceVersion=OLD&resourceVersionMatch=NotOlderThan", "a b c at NEW"],
  ["resourceVersion=OLD&resourceVersionMatch=Exact", "a b at OLD"],
  ["resourceVersion=0&resourceVersionMatch=NotOlderThan", "a b c at NEW"],
  ["resourceVersion=0&resourceVersionMatch=Exact", '422 resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
  ["resourceVersionMatch=Exact", "422 resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"],
  ["resourceVersionMatch=NotOlderThan", "422 resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"],
  ["resourceVersion=OLD&resourceVersionMatch=Newest", '422 resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""'],
  ["resourceVersion=GONE&resourceVersionMatch=Exact", "410 The resourceVersion for the provided list is too old."],
  ["resourceVersion=GONE", "a b c at NEW"],
  ["resourceVersion=x", '400 invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'],
  ["resourceVersion=-1", '400 invalid resource version: resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax'],
  ["limit=2", "a b at NEW and more, 1 left"],
  ["limit=2&resourceVersion=0", "a b at NEW and more, 1 left"],
  ["limit=1&resourceVersion=OLD", "a at OLD and more, 1 left"],
  ["limit=2&resourceVersion=OLD", "a b at OLD"],
  ["limit=1&resourceVersion=OLD&resourceVersionMatch=Exact", "a at OLD and more, 1 left"],
  ["limit=2&resourceVersion=OLD&resourceVersionMatch=NotOlderThan", "a b at NEW and more, 1 left"],
  ["limit=1&resourceVersion=GONE", "410 The resourceVersion for the provided list is too old."],
  ["limit=0", "a b c at NEW"],
  ["limit=x", '400 strconv.ParseInt: parsing "x": invalid syntax (query parameter limit)'],
  ["limit=1&labelSelector=odd%3Dyes", "a at NEW and more"],
  ["labelSelector=odd%3Dyes", "a c at NEW"],
  ["fieldSelector=metadata.name%3Db", "b at NEW"],
  ["fieldSelector=metadata.name%3Db&resourceVersion=OLD&resourceVersionMatch=Exact", "b at OLD"],
  ["continue=nonsense", "400 invalid continue token: continue key is not valid: server does not recognize this encoded version"],
  ["sendInitialEvents=true", "422 sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
  ["sendInitialEvents=false", "422 sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
];

/** The second page of `limit=1`, taken at OLD: what may stand beside its token. */
const pages: readonly (readonly [query: string, expected: string])[] = [
  ["", "b at OLD"],
  ["resourceVersion=0", "b at OLD"],
  ["limit=1", "b at OLD"],
  ["resourceVersion=OLD", "400 specifying resource version is not allowed when using continue"],
  ["resourceVersion=OLD&resourceVersionMatch=Exact", "422 resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided"],
];

/** The same for one object. */
const gets: readonly (readonly [query: string, expected: string])[] = [
  ["resourceVersion=", "a"],
  ["resourceVersion=0", "a"],
  ["resourceVersion=OLD", "a"],
  ["resourceVersion=GONE", "a"],
  ["resourceVersion=NEW&resourceVersionMatch=Exact", "a"],
  ["resourceVersion=NEW0", "504 Timeout: Too large resource version: NEW0, current: NEW"],
  ["resourceVersion=x", '400 invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'],
];

/** Lists of a revision that has not come. */
const early: readonly string[] = ["resourceVersion=NEW0", "resourceVersion=NEW0&limit=1", "resourceVersion=NEW0&resourceVersionMatch=NotOlderThan", "resourceVersion=NEW0&resourceVersionMatch=Exact"];

/** Parameters of a watch, and its first events, or the refusal. */
const watches: readonly (readonly [query: string, expected: string])[] = [
  ["", "ADDED a, ADDED b, ADDED c"],
  ["resourceVersion=0", "ADDED a, ADDED b, ADDED c"],
  ["resourceVersion=OLD", "ADDED c"],
  ["resourceVersion=NEW", ""],
  ["resourceVersion=NEW&allowWatchBookmarks=true", ""],
  ["resourceVersion=NEW0", ""],
  ["resourceVersion=NEW0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan", ""],
  ["resourceVersion=NEW0&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=9", "ERROR Timeout: Too large resource version: NEW0, current: NEW"],
  ["resourceVersion=GONE", "ERROR too old resource version: GONE (COMPACTED)"],
  ["resourceVersion=x", '400 invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'],
  ["resourceVersion=OLD&labelSelector=odd%3Dyes", "ADDED c"],
  ["fieldSelector=metadata.name%3Db", "ADDED b"],
  ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", "ADDED a, ADDED b, ADDED c, BOOKMARK NEW end"],
  ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=OLD&allowWatchBookmarks=true", "ADDED a, ADDED b, ADDED c, BOOKMARK NEW end"],
  ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=GONE&allowWatchBookmarks=true", "ADDED a, ADDED b, ADDED c, BOOKMARK NEW end"],
  ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan", "ADDED a, ADDED b, ADDED c"],
  ["sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=OLD", "ADDED c"],
  ["sendInitialEvents=false&resourceVersionMatch=NotOlderThan", ""],
  ["sendInitialEvents=true", "422 resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"],
  ["resourceVersionMatch=NotOlderThan", "422 resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"],
  ["sendInitialEvents=true&resourceVersionMatch=Exact", '422 [resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]'],
  ["fieldSelector=data%3Dx", '400 "data" is not a known field selector: only "metadata.name", "metadata.namespace"'],
];

describe("lists and watches follow upstream's rules", () => {
  let edge: LoopbackEdge;
  let asker: Asker;
  const revisions: Record<Revision | "COMPACTED", string> = { OLD: "", NEW: "", GONE: "", COMPACTED: "" };
  let token = "";
  let watched: readonly Reply[] = [];
  const create = (name: string) => edge.admin.create(ConfigMapKind, configMap(name, {}, { namespace: "lists", labels: { odd: name === "b" ? "no" : "yes" } }));
  const filled = (text: string) => text.replaceAll(/OLD|NEW|GONE|COMPACTED/g, (word) => revisions[word as Revision]);

  before(async () => {
    edge = await startLoopbackEdge();
    asker = openAsker(edge);
    await edge.admin.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "lists" }, spec: {}, status: {} });
    await create("a");
    revisions.GONE = String(edge.store.revision);
    await create("b");
    revisions.OLD = String(edge.store.revision);
    await edge.store.compact(edge.store.revision);
    revisions.COMPACTED = String(edge.store.compactedRevision);
    token = String((await asker.ask(`${collection}?limit=1`)).json()["metadata"]?.["continue"]);
    await create("c");
    revisions.NEW = String(edge.store.revision);
    // Each takes its second: all at once.
    watched = await Promise.all(watches.map(async ([query]) => asker.ask(`${collection}?watch=1&${filled(query)}&timeoutSeconds=1`)));
  });
  after(async () => { asker.close(); await edge.close(); });

  for (const [query, expected] of lists) {
    test(`a list with ${query || "nothing"} is ${expected}`, async () => {
      assert.equal(printList(await asker.ask(`${collection}?${filled(query)}`)), filled(expected));
    });
  }

  for (const [query, expected] of pages) {
    test(`a second page with ${query || "nothing"} is ${expected}`, async () => {
      assert.equal(printList(await asker.ask(`${collection}?continue=${token}&${filled(query)}`)), filled(expected));
    });
  }

  for (const [query, expected] of gets) {
    test(`one object with ${query} is ${expected}`, async () => {
      const reply = await asker.ask(`${collection}/a?${filled(query)}`);
      const { message, metadata } = reply.json() as unknown as { readonly message?: string; readonly metadata: { readonly name: string } };
      assert.equal(reply.code === 200 ? metadata.name : printRefusal(reply.code, message), filled(expected));
    });
  }

  for (const [index, [query, expected]] of watches.entries()) {
    test(`a watch with ${query || "nothing"} begins with ${expected || "silence"}`, () => {
      const reply = watched[index];
      assert.equal(reply && printWatch(reply), filled(expected));
    });
  }

  test("a revision ahead of the store is refused after a while, with the cause informers look for", async () => {
    const asked = [...early.map((query) => `${collection}?${query}`), `${collection}/a?resourceVersion=NEW0`, `${collection}/none?resourceVersion=NEW0`];
    for (const answer of await Promise.all(asked.map(async (path) => asker.ask(filled(path))))) {
      assert.deepEqual([answer.code, answer.headers["retry-after"], printRefusal(answer.code, String(answer.json()["message"]))], [504, "1", filled("504 Timeout: Too large resource version: NEW0, current: NEW")]);
      assert.deepEqual(answer.json()["details"], { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 });
    }
  });

  test("a token that is too old is answered with one that goes on at the newest revision", async () => {
    const first = await asker.ask(`${collection}?limit=1`);
    await create("bb");
    await edge.store.compact(edge.store.revision);
    const expired = await asker.ask(`${collection}?limit=1&continue=${String(first.json()["metadata"]?.["continue"])}`);
    assert.deepEqual([expired.code, expired.json()["reason"]], [410, "Expired"]);
    const fresh = String(expired.json()["metadata"]?.["continue"]);
    assert.equal(printList(await asker.ask(`${collection}?continue=${fresh}`)), `b bb c at ${edge.store.revision}`);
  });
});

interface Listed {
  readonly message?: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

function printList(reply: Reply): string {
  const { message, metadata, items } = reply.json() as unknown as Listed;
  if (reply.code !== 200) return printRefusal(reply.code, message);
  const more = metadata.continue === undefined ? "" : ` and more${metadata.remainingItemCount === undefined ? "" : `, ${metadata.remainingItemCount} left`}`;
  return `${items.map((item) => item.metadata.name).join(" ")} at ${metadata.resourceVersion}${more}`;
}

function printRefusal(code: number, message = ""): string {
  return `${code} ${message.replace('ListOptions.meta.k8s.io "" is invalid: ', "")}`;
}

interface Told {
  readonly type: string;
  readonly object: { readonly message?: string; readonly metadata: { readonly name?: string; readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> } };
}

function printWatch(reply: Reply): string {
  if (reply.code !== 200) return printRefusal(reply.code, (reply.json() as { readonly message?: string }).message);
  return reply.text.split("\n").filter((line) => line !== "").map((line) => {
    const { type, object } = JSON.parse(line) as Told;
    if (type !== "BOOKMARK") return `${type} ${object.metadata.name ?? object.message ?? ""}`;
    return `BOOKMARK ${object.metadata.resourceVersion ?? ""}${object.metadata.annotations?.["k8s.io/initial-events-end"] === "true" ? " end" : ""}`;
  }).join(", ");
}
