import type { Json, JsonObject } from "../../../src/value/json.ts";

/** What one patch makes of one object: an object, or a refusal whose message says this. */
export type StrategicCase = readonly [title: string, target: JsonObject, patch: JsonObject, expected: JsonObject | { readonly refused: RegExp }];

/** Cases about one part of one kind's objects. */
export interface StrategicGroup {
  readonly subject: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Members from the root down to what the cases show. */
  readonly at: readonly string[];
  readonly cases: readonly StrategicCase[];
}

const a = { name: "a", image: "1" };
const b = { name: "b", image: "1" };
const c = { name: "c", image: "1" };
const d = { name: "d", image: "1" };
const named = (...names: readonly string[]): readonly Json[] => names.map((name) => ({ name }));
const inA = (members: JsonObject): JsonObject => ({ containers: [{ name: "a", ...members }] });

const objects: StrategicGroup = {
  subject: "members", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["a scalar is set", {}, { nodeName: "x" }, { nodeName: "x" }],
    ["a scalar is changed", { nodeName: "x" }, { nodeName: "y" }, { nodeName: "y" }],
    ["a scalar is deleted by null", { nodeName: "x", priority: 1 }, { nodeName: null }, { priority: 1 }],
    ["null for what is not there does nothing", { priority: 1 }, { nodeName: null }, { priority: 1 }],
    ["false is a value", { hostNetwork: true }, { hostNetwork: false }, { hostNetwork: false }],
    ["zero is a value", { priority: 1 }, { priority: 0 }, { priority: 0 }],
    ["the empty text is a value", { nodeName: "x" }, { nodeName: "" }, { nodeName: "" }],
    ["an empty patch changes nothing", { nodeName: "x" }, {}, { nodeName: "x" }],
    ["an object is made", {}, { securityContext: { runAsUser: 1 } }, { securityContext: { runAsUser: 1 } }],
    ["an object merges", { securityContext: { runAsUser: 1 } }, { securityContext: { runAsGroup: 2 } }, { securityContext: { runAsUser: 1, runAsGroup: 2 } }],
    ["objects merge at every depth", { securityContext: { seLinuxOptions: { level: "1" } } }, { securityContext: { seLinuxOptions: { role: "r" } } }, { securityContext: { seLinuxOptions: { level: "1", role: "r" } } }],
    ["a member of an object is deleted", { securityContext: { runAsUser: 1, runAsGroup: 2 } }, { securityContext: { runAsUser: null } }, { securityContext: { runAsGroup: 2 } }],
    ["an object loses its last member and stays", { securityContext: { runAsUser: 1 } }, { securityContext: { runAsUser: null } }, { securityContext: {} }],
    ["an object is deleted by null", { securityContext: { runAsUser: 1 }, priority: 1 }, { securityContext: null }, { priority: 1 }],
    ["an empty object in a patch changes nothing", { securityContext: { runAsUser: 1 } }, { securityContext: {} }, { securityContext: { runAsUser: 1 } }],
    ["an empty object in a patch is made", {}, { securityContext: {} }, { securityContext: {} }],
    ["nulls inside what is made are left out", {}, { securityContext: { runAsUser: null, runAsGroup: 1 } }, { securityContext: { runAsGroup: 1 } }],
    ["nulls deep inside what is made are left out", {}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: null } } }, { affinity: { nodeAffinity: {} } }],
    ["a value of another form is replaced", { nodeSelector: "x" }, { nodeSelector: { a: "1" } }, { nodeSelector: { a: "1" } }],
    ["an object gives way to a scalar", { nodeSelector: { a: "1" } }, { nodeSelector: "x" }, { nodeSelector: "x" }],
    ["a list gives way to an object", { containers: [a] }, { containers: { x: 1 } }, { containers: { x: 1 } }],
  ],
};

const maps: StrategicGroup = {
  subject: "maps", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["an entry is added", { nodeSelector: { a: "1" } }, { nodeSelector: { b: "2" } }, { nodeSelector: { a: "1", b: "2" } }],
    ["an entry is changed", { nodeSelector: { a: "1", b: "2" } }, { nodeSelector: { a: "3" } }, { nodeSelector: { a: "3", b: "2" } }],
    ["an entry is deleted", { nodeSelector: { a: "1", b: "2" } }, { nodeSelector: { a: null } }, { nodeSelector: { b: "2" } }],
    ["an entry changes its name", { nodeSelector: { a: "1" } }, { nodeSelector: { a: null, b: "1" } }, { nodeSelector: { b: "1" } }],
    ["a map is made", {}, { nodeSelector: { a: "1" } }, { nodeSelector: { a: "1" } }],
    ["a map is deleted", { nodeSelector: { a: "1" } }, { nodeSelector: null }, {}],
    ["names with dots and slashes are names", { nodeSelector: { "x.io/a": "1" } }, { nodeSelector: { "x.io/a": null, "x.io/b": "2" } }, { nodeSelector: { "x.io/b": "2" } }],
    ["quantities merge by name", { overhead: { cpu: "1", memory: "1Gi" } }, { overhead: { cpu: "2" } }, { overhead: { cpu: "2", memory: "1Gi" } }],
    ["a map in an item merges", inA({ resources: { limits: { cpu: "1", memory: "1Gi" } } }), inA({ resources: { limits: { cpu: "2" } } }), inA({ resources: { limits: { cpu: "2", memory: "1Gi" } } })],
    ["an entry of a map in an item is deleted", inA({ resources: { limits: { cpu: "1", memory: "1Gi" } } }), inA({ resources: { limits: { cpu: null } } }), inA({ resources: { limits: { memory: "1Gi" } } })],
  ],
};

const directives: StrategicGroup = {
  subject: "$patch of an object", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["replace leaves only what the patch says", { nodeSelector: { a: "1", b: "2" } }, { nodeSelector: { $patch: "replace", c: "3" } }, { nodeSelector: { c: "3" } }],
    ["replace of an object", { securityContext: { runAsUser: 1, runAsGroup: 1 } }, { securityContext: { $patch: "replace", fsGroup: 2 } }, { securityContext: { fsGroup: 2 } }],
    ["replace with nothing empties", { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: "replace" } }, { securityContext: {} }],
    ["replace takes nested lists as they are", { securityContext: { supplementalGroups: [1] } }, { securityContext: { $patch: "replace", supplementalGroups: [2] } }, { securityContext: { supplementalGroups: [2] } }],
    ["delete empties", { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: "delete" } }, { securityContext: {} }],
    ["delete takes no notice of other members", { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: "delete", runAsUser: 2 } }, { securityContext: {} }],
    ["replace of what is not there does nothing", {}, { nodeSelector: { $patch: "replace", a: "1" } }, {}],
    ["delete of what is not there does nothing", {}, { securityContext: { $patch: "delete" } }, {}],
    ["merge is not said", { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: "merge", runAsUser: 2 } }, { refused: /unknown patch type: "merge"/ }],
    ["an unknown directive", { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: "explode" } }, { refused: /unknown patch type: "explode"/ }],
    ["a directive that is no text", { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 1 } }, { refused: /unknown patch type/ }],
    ["a directive deep inside", { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] }, podAffinity: {} } }, { affinity: { nodeAffinity: { $patch: "replace" } } }, { affinity: { nodeAffinity: {}, podAffinity: {} } }],
    ["a directive in an item", { containers: [{ ...a, resources: { limits: { cpu: "1" } } }] }, inA({ resources: { $patch: "delete" } }), { containers: [{ ...a, resources: {} }] }],
  ],
};

const keyed: StrategicGroup = {
  subject: "lists by key", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["an item merges with the one of its key", { containers: [a, b] }, { containers: [{ name: "b", image: "2" }] }, { containers: [a, { name: "b", image: "2" }] }],
    ["an item's member is deleted", { containers: [{ ...a, tty: true }] }, inA({ tty: null }), { containers: [a] }],
    ["a new item stands before those the patch does not name", { containers: [a] }, { containers: [b] }, { containers: [b, a] }],
    ["a new item behind a known one stays behind it", { containers: [a] }, { containers: [{ name: "a" }, b] }, { containers: [a, b] }],
    ["a new item before a known one stays before it", { containers: [a] }, { containers: [b, { name: "a" }] }, { containers: [b, a] }],
    ["known items take the patch's order", { containers: [a, b] }, { containers: [{ name: "b" }, { name: "a" }] }, { containers: [b, a] }],
    ["others keep their place among the patch's", { containers: [a, b, c] }, { containers: [{ name: "c" }, { name: "a" }] }, { containers: [b, c, a] }],
    ["a list is made", {}, { containers: [a, b] }, { containers: [a, b] }],
    ["a list is deleted by null", { containers: [a], priority: 1 }, { containers: null }, { priority: 1 }],
    ["an empty list in a patch changes nothing", { containers: [a] }, { containers: [] }, { containers: [a] }],
    ["an empty list becomes the patch's", { containers: [] }, { containers: [a] }, { containers: [a] }],
    ["an item twice in a patch merges twice", { containers: [a] }, { containers: [{ name: "a", tty: true }, { name: "a", stdin: true }] }, { containers: [{ ...a, tty: true, stdin: true }] }],
    ["a new item twice in a patch is one", { containers: [a] }, { containers: [{ name: "a" }, { name: "b", tty: true }, { name: "b", image: "1" }] }, { containers: [a, { ...b, tty: true }] }],
    ["nulls of a new item are left out", { containers: [] }, { containers: [{ ...a, tty: null }] }, { containers: [a] }],
    ["nested lists merge by their own keys", { containers: [{ ...a, env: [{ name: "X", value: "1" }] }] }, inA({ env: [{ name: "X", value: "2" }] }), { containers: [{ ...a, env: [{ name: "X", value: "2" }] }] }],
    ["a nested list gets an item", inA({ env: [{ name: "X", value: "1" }] }), inA({ env: [{ name: "Y", value: "2" }] }), inA({ env: [{ name: "Y", value: "2" }, { name: "X", value: "1" }] })],
    ["ports of a container merge by number", inA({ ports: [{ containerPort: 80, name: "http" }] }), inA({ ports: [{ containerPort: 80, protocol: "UDP" }] }), inA({ ports: [{ containerPort: 80, name: "http", protocol: "UDP" }] })],
    ["mounts merge by path", inA({ volumeMounts: [{ mountPath: "/a", name: "v" }] }), inA({ volumeMounts: [{ mountPath: "/a", readOnly: true }] }), inA({ volumeMounts: [{ mountPath: "/a", name: "v", readOnly: true }] })],
    ["devices merge by path", inA({ volumeDevices: [{ devicePath: "/dev/a", name: "v" }] }), inA({ volumeDevices: [{ devicePath: "/dev/a", name: "w" }] }), inA({ volumeDevices: [{ devicePath: "/dev/a", name: "w" }] })],
    ["init containers merge by name", { initContainers: [a] }, { initContainers: [{ name: "a", tty: true }] }, { initContainers: [{ ...a, tty: true }] }],
    ["volumes merge by name", { volumes: [{ name: "v", emptyDir: {} }] }, { volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] }, { volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] }],
    ["host aliases merge by address", { hostAliases: [{ ip: "1.1.1.1", hostnames: ["a"] }] }, { hostAliases: [{ ip: "1.1.1.1", hostnames: ["b"] }] }, { hostAliases: [{ ip: "1.1.1.1", hostnames: ["b"] }] }],
    ["pull secrets merge by name", { imagePullSecrets: named("a") }, { imagePullSecrets: named("b") }, { imagePullSecrets: named("b", "a") }],
    ["spread constraints merge by topology alone", { topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" }] }, { topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2 }] }, { topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2, whenUnsatisfiable: "DoNotSchedule" }] }],
    ["gates merge by name", { schedulingGates: named("a") }, { schedulingGates: named("a", "b") }, { schedulingGates: named("a", "b") }],
    ["claims merge by name", { resourceClaims: [{ name: "a", resourceClaimName: "x" }] }, { resourceClaims: [{ name: "a", resourceClaimName: "y" }] }, { resourceClaims: [{ name: "a", resourceClaimName: "y" }] }],
    ["an item without its key", { containers: [a] }, { containers: [{ image: "2" }] }, { refused: /does not contain declared merge key: name/ }],
    ["an item that is no object", { containers: [a] }, { containers: ["x"] }, { refused: /list element types are not identical/ }],
    ["an item that is null", { containers: [a] }, { containers: [null] }, { refused: /list element types are not identical/ }],
    ["items of two forms", { containers: [a] }, { containers: [{ name: "a" }, 1] }, { refused: /list element types are not identical/ }],
    ["an item that is a list", { containers: [] }, { containers: [[]] }, { refused: /list of lists/ }],
  ],
};

const keyedDirectives: StrategicGroup = {
  subject: "$patch in lists by key", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["delete takes the item away", { containers: [a, b] }, { containers: [{ name: "a", $patch: "delete" }] }, { containers: [b] }],
    ["delete takes the last item away", { containers: [a] }, { containers: [{ name: "a", $patch: "delete" }] }, { containers: [] }],
    ["delete of what is not there does nothing", { containers: [a] }, { containers: [{ name: "x", $patch: "delete" }] }, { containers: [a] }],
    ["delete and change in one patch", { containers: [a, b] }, { containers: [{ name: "a", $patch: "delete" }, { name: "b", image: "2" }] }, { containers: [{ name: "b", image: "2" }] }],
    ["delete and add in one patch", { containers: [a, b] }, { containers: [{ name: "a", $patch: "delete" }, c] }, { containers: [c, b] }],
    ["delete and make anew the same", { containers: [{ ...a, tty: true }] }, { containers: [{ name: "a", $patch: "delete" }, a] }, { containers: [a] }],
    ["delete stands anywhere in the patch", { containers: [a, b] }, { containers: [{ name: "b", image: "2" }, { name: "a", $patch: "delete" }] }, { containers: [{ name: "b", image: "2" }] }],
    ["delete of several", { containers: [a, b, c] }, { containers: [{ name: "a", $patch: "delete" }, { name: "c", $patch: "delete" }] }, { containers: [b] }],
    ["delete without a key", { containers: [a] }, { containers: [{ $patch: "delete" }] }, { refused: /does not contain declared merge key: name/ }],
    ["delete in a list that is not there", {}, { containers: [{ name: "a", $patch: "delete" }, b] }, { containers: [b] }],
    ["delete in a nested list", inA({ env: [{ name: "X", value: "1" }, { name: "Y", value: "1" }] }), inA({ env: [{ name: "X", $patch: "delete" }] }), inA({ env: [{ name: "Y", value: "1" }] })],
    ["replace leaves only the patch's items", { containers: [a, b] }, { containers: [{ $patch: "replace" }, c] }, { containers: [c] }],
    ["replace may stand last", { containers: [a, b] }, { containers: [c, { $patch: "replace" }] }, { containers: [c] }],
    ["replace alone empties", { containers: [a] }, { containers: [{ $patch: "replace" }] }, { containers: [] }],
    ["an item that says replace is none itself", { containers: [a] }, { containers: [{ name: "b", $patch: "replace" }, c] }, { containers: [c] }],
    ["replace does not merge", { containers: [{ ...a, tty: true }] }, { containers: [{ $patch: "replace" }, a] }, { containers: [a] }],
    ["replace keeps delete quiet", { containers: [a, b] }, { containers: [{ $patch: "replace" }, { name: "a", $patch: "delete" }, c] }, { containers: [c] }],
    ["replace in a list that is not there", {}, { containers: [{ $patch: "replace" }, a] }, { containers: [a] }],
    ["merge is not said", { containers: [a] }, { containers: [{ name: "a", $patch: "merge" }] }, { refused: /merging lists cannot yet be specified in the patch/ }],
    ["an unknown directive", { containers: [a] }, { containers: [{ name: "a", $patch: "explode" }] }, { refused: /unknown patch type: "explode"/ }],
    ["directives inside a new item are unknown fields", { containers: [a] }, { containers: [{ name: "a" }, { ...b, resources: { $patch: "delete" }, $retainKeys: ["name"] }] }, { containers: [a, { ...b, resources: {} }] }],
  ],
};

const order: StrategicGroup = {
  subject: "$setElementOrder", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["the list takes the order", { containers: [a, b, c] }, { "$setElementOrder/containers": named("c", "a", "b") }, { containers: [c, a, b] }],
    ["with a change of one item", { containers: [a, b] }, { "$setElementOrder/containers": named("b", "a"), containers: [{ name: "a", image: "2" }] }, { containers: [b, { name: "a", image: "2" }] }],
    ["with a new item in the middle", { containers: [a, b] }, { "$setElementOrder/containers": named("a", "c", "b"), containers: [c] }, { containers: [a, c, b] }],
    ["with a new item in front", { containers: [a, b] }, { "$setElementOrder/containers": named("c", "a", "b"), containers: [c] }, { containers: [c, a, b] }],
    ["with a deleted item", { containers: [a, b, c] }, { "$setElementOrder/containers": named("c", "a"), containers: [{ name: "b", $patch: "delete" }] }, { containers: [c, a] }],
    ["another's item keeps its place", { containers: [a, d, b] }, { "$setElementOrder/containers": named("a", "b") }, { containers: [a, d, b] }],
    ["another's first item stays first", { containers: [d, a, b] }, { "$setElementOrder/containers": named("a", "b") }, { containers: [d, a, b] }],
    ["another's last item stays last", { containers: [a, b, d] }, { "$setElementOrder/containers": named("b", "a") }, { containers: [b, a, d] }],
    ["another's item and a new one", { containers: [a, d] }, { "$setElementOrder/containers": named("a", "c"), containers: [c] }, { containers: [a, c, d] }],
    ["another's item behind one that is replaced by a new one", { containers: [a, b, d] }, { "$setElementOrder/containers": named("a", "c"), containers: [{ name: "b", $patch: "delete" }, c] }, { containers: [a, d, c] }],
    ["names that are nowhere are passed over", { containers: [a, b] }, { "$setElementOrder/containers": named("x", "b", "y", "a") }, { containers: [b, a] }],
    ["an empty order leaves the list", { containers: [a, b] }, { "$setElementOrder/containers": [] }, { containers: [a, b] }],
    ["an order for a list that is not there", {}, { "$setElementOrder/containers": named("a") }, {}],
    ["an order for a list that is made", {}, { "$setElementOrder/containers": named("b", "a"), containers: [b, a] }, { containers: [b, a] }],
    ["an order of a nested list", inA({ env: named("X", "Y") }), inA({ "$setElementOrder/env": named("Y", "X") }), inA({ env: named("Y", "X") })],
    ["orders of two lists", { containers: [a, b], initContainers: [c, d] }, { "$setElementOrder/containers": named("b", "a"), "$setElementOrder/initContainers": named("d", "c") }, { containers: [b, a], initContainers: [d, c] }],
    ["a patch in another order", { containers: [a, b] }, { "$setElementOrder/containers": named("a", "b"), containers: [{ name: "b" }, { name: "a" }] }, { refused: /doesn't match \$setElementOrder list/ }],
    ["an item the order does not have", { containers: [a] }, { "$setElementOrder/containers": named("a"), containers: [b] }, { refused: /doesn't match \$setElementOrder list/ }],
    ["an order that is no list", { containers: [a] }, { "$setElementOrder/containers": "a" }, { refused: /must be a list/ }],
    ["an order without keys", { containers: [a] }, { "$setElementOrder/containers": [{ image: "x" }] }, { refused: /merge key: name/ }],
    ["an order of an empty list", { containers: [] }, { "$setElementOrder/containers": named("a") }, { refused: /no elements in any of the given slices/ }],
    ["an order for what is no list", { containers: "x" }, { "$setElementOrder/containers": named("a") }, { refused: /a list was expected/ }],
  ],
};

const retainKeys: StrategicGroup = {
  subject: "$retainKeys", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["only the named members stay", { volumes: [{ name: "v", emptyDir: {} }] }, { volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "m" } }] }, { volumes: [{ name: "v", configMap: { name: "m" } }] }],
    ["members that stay merge", { volumes: [{ name: "v", configMap: { name: "m", optional: true } }] }, { volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "n" } }] }, { volumes: [{ name: "v", configMap: { name: "n", optional: true } }] }],
    ["what is named and not there is not made", { volumes: [{ name: "v", emptyDir: {} }] }, { volumes: [{ name: "v", $retainKeys: ["name", "emptyDir", "configMap"] }] }, { volumes: [{ name: "v", emptyDir: {} }] }],
    ["an object keeps the named members", { securityContext: { runAsUser: 1, runAsGroup: 1 } }, { securityContext: { $retainKeys: ["runAsUser"] } }, { securityContext: { runAsUser: 1 } }],
    ["an empty list of names empties", { securityContext: { runAsUser: 1 } }, { securityContext: { $retainKeys: [] } }, { securityContext: {} }],
    ["null needs no name", { securityContext: { runAsUser: 1, runAsGroup: 1 } }, { securityContext: { $retainKeys: ["runAsGroup"], runAsUser: null } }, { securityContext: { runAsGroup: 1 } }],
    ["in what is made it says nothing", {}, { securityContext: { $retainKeys: ["runAsUser"], runAsUser: 1 } }, { securityContext: { runAsUser: 1 } }],
    ["a member that is set must be named", { securityContext: { runAsUser: 1 } }, { securityContext: { $retainKeys: ["runAsUser"], runAsGroup: 1 } }, { refused: /invalid patch format of retainKeys/ }],
    ["a list of names is a list", { securityContext: { runAsUser: 1 } }, { securityContext: { $retainKeys: "runAsUser" } }, { refused: /invalid patch format of retainKeys/ }],
    ["an order needs no name", { containers: [a, b], priority: 1 }, { $retainKeys: ["containers"], "$setElementOrder/containers": named("b", "a") }, { containers: [b, a] }],
  ],
};

const replaced: StrategicGroup = {
  subject: "lists that are replaced", apiVersion: "v1", kind: "Pod", at: ["spec"],
  cases: [
    ["arguments", inA({ args: ["1", "2"] }), inA({ args: ["3"] }), inA({ args: ["3"] })],
    ["a command", inA({ command: ["sh"] }), inA({ command: ["sh", "-c"] }), inA({ command: ["sh", "-c"] })],
    ["sources of the environment", inA({ envFrom: [{ prefix: "a" }] }), inA({ envFrom: [{ prefix: "b" }] }), inA({ envFrom: [{ prefix: "b" }] })],
    ["tolerations", { tolerations: [{ key: "a" }] }, { tolerations: [{ key: "b" }] }, { tolerations: [{ key: "b" }] }],
    ["an empty list empties", { tolerations: [{ key: "a" }] }, { tolerations: [] }, { tolerations: [] }],
    ["nulls of items are left out", { tolerations: [] }, { tolerations: [{ key: "b", value: null }] }, { tolerations: [{ key: "b" }] }],
    ["items of a volume", { volumes: [{ name: "v", configMap: { items: [{ key: "a", path: "a" }] } }] }, { volumes: [{ name: "v", configMap: { items: [{ key: "b", path: "b" }] } }] }, { volumes: [{ name: "v", configMap: { items: [{ key: "b", path: "b" }] } }] }],
    ["readiness gates", { readinessGates: [{ conditionType: "a" }] }, { readinessGates: [{ conditionType: "b" }] }, { readinessGates: [{ conditionType: "b" }] }],
    ["values of a replaced list may be deleted", inA({ args: ["1", "2", "3"] }), inA({ "$deleteFromPrimitiveList/args": ["2"] }), inA({ args: ["1", "3"] })],
  ],
};

const metadata: StrategicGroup = {
  subject: "metadata", apiVersion: "v1", kind: "ConfigMap", at: ["metadata"],
  cases: [
    ["labels merge", { labels: { a: "1" } }, { labels: { b: "2" } }, { labels: { a: "1", b: "2" } }],
    ["an annotation is deleted", { annotations: { a: "1", b: "2" } }, { annotations: { a: null } }, { annotations: { b: "2" } }],
    ["finalizers are a set", { finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, { finalizers: ["a", "b", "c"] }],
    ["a new finalizer stands first", { finalizers: ["a"] }, { finalizers: ["b"] }, { finalizers: ["b", "a"] }],
    ["known finalizers take the patch's order", { finalizers: ["a", "b"] }, { finalizers: ["b", "a"] }, { finalizers: ["b", "a"] }],
    ["a finalizer twice in a patch is one", { finalizers: ["a"] }, { finalizers: ["a", "b", "b"] }, { finalizers: ["a", "b"] }],
    ["finalizers are made", {}, { finalizers: ["a"] }, { finalizers: ["a"] }],
    ["finalizers are deleted by null", { finalizers: ["a"] }, { finalizers: null }, {}],
    ["an empty list of finalizers changes nothing", { finalizers: ["a"] }, { finalizers: [] }, { finalizers: ["a"] }],
    ["a finalizer is deleted by directive", { finalizers: ["a", "b", "c"] }, { "$deleteFromPrimitiveList/finalizers": ["b"] }, { finalizers: ["a", "c"] }],
    ["the last finalizer is deleted by directive", { finalizers: ["a"] }, { "$deleteFromPrimitiveList/finalizers": ["a"] }, { finalizers: [] }],
    ["a finalizer that is not there is deleted", { finalizers: ["a"] }, { "$deleteFromPrimitiveList/finalizers": ["b"] }, { finalizers: ["a"] }],
    ["a deletion from what is not there does nothing", {}, { "$deleteFromPrimitiveList/finalizers": ["a"] }, {}],
    ["one goes and another comes", { finalizers: ["a"] }, { "$deleteFromPrimitiveList/finalizers": ["a"], finalizers: ["b"] }, { finalizers: ["b"] }],
    ["finalizers take an order", { finalizers: ["a", "b"] }, { "$setElementOrder/finalizers": ["b", "a"] }, { finalizers: ["b", "a"] }],
    ["finalizers take an order with a new one", { finalizers: ["a", "b"] }, { "$setElementOrder/finalizers": ["c", "b", "a"], finalizers: ["c"] }, { finalizers: ["c", "b", "a"] }],
    ["finalizers take an order and lose one", { finalizers: ["a", "b", "c"] }, { "$setElementOrder/finalizers": ["c", "b"], "$deleteFromPrimitiveList/finalizers": ["a"] }, { finalizers: ["c", "b"] }],
    ["a finalizer the order does not know", { finalizers: ["a", "x", "b"] }, { "$setElementOrder/finalizers": ["b", "a"] }, { finalizers: ["x", "b", "a"] }],
    ["a deletion that is no list does nothing", { finalizers: ["a"] }, { "$deleteFromPrimitiveList/finalizers": "a" }, { finalizers: ["a"] }],
    ["a finalizer that is no text", { finalizers: ["a"] }, { finalizers: [1] }, { refused: /list element types are not identical/ }],
    ["owners merge by uid", { ownerReferences: [{ uid: "1", name: "x" }] }, { ownerReferences: [{ uid: "1", controller: true }] }, { ownerReferences: [{ uid: "1", name: "x", controller: true }] }],
    ["an owner of the same name is another", { ownerReferences: [{ uid: "1", name: "x" }] }, { ownerReferences: [{ uid: "2", name: "x" }] }, { ownerReferences: [{ uid: "2", name: "x" }, { uid: "1", name: "x" }] }],
    ["an owner is deleted", { ownerReferences: [{ uid: "1" }, { uid: "2" }] }, { ownerReferences: [{ uid: "1", $patch: "delete" }] }, { ownerReferences: [{ uid: "2" }] }],
  ],
};

const others: readonly StrategicGroup[] = [
  {
    subject: "a Deployment", apiVersion: "apps/v1", kind: "Deployment", at: ["spec"],
    cases: [
      ["the strategy's type is retained alone", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }, { strategy: { $retainKeys: ["type"], type: "Recreate" } }, { strategy: { type: "Recreate" } }],
      ["without it the old parameters stay", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }, { strategy: { type: "Recreate" } }, { strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } }],
      ["its selector merges", { selector: { matchLabels: { a: "1" } } }, { selector: { matchLabels: { b: "2" } } }, { selector: { matchLabels: { a: "1", b: "2" } } }],
      ["expressions of its selector are replaced", { selector: { matchExpressions: [{ key: "a", operator: "Exists" }] } }, { selector: { matchExpressions: [{ key: "b", operator: "Exists" }] } }, { selector: { matchExpressions: [{ key: "b", operator: "Exists" }] } }],
      ["containers of its template merge", { template: { spec: { containers: [a] } } }, { template: { spec: { containers: [{ name: "a", image: "2" }] } } }, { template: { spec: { containers: [{ name: "a", image: "2" }] } } }],
      ["labels of its template are made", {}, { template: { metadata: { labels: { a: "1", b: null } } } }, { template: { metadata: { labels: { a: "1" } } } }],
    ],
  },
  {
    subject: "a Service", apiVersion: "v1", kind: "Service", at: ["spec"],
    cases: [
      ["ports merge by number", { ports: [{ port: 80, name: "a" }] }, { ports: [{ port: 80, name: "b" }] }, { ports: [{ port: 80, name: "b" }] }],
      ["two protocols of one number are one to a patch: the first", { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }] }, { ports: [{ port: 53, name: "dns" }] }, { ports: [{ port: 53, protocol: "UDP", name: "dns" }, { port: 53, protocol: "TCP" }] }],
      ["a deletion takes both protocols", { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }, { port: 80 }] }, { ports: [{ port: 53, $patch: "delete" }] }, { ports: [{ port: 80 }] }],
      ["a port as text is another", { ports: [{ port: 80, name: "a" }] }, { ports: [{ port: 81, name: "b" }] }, { ports: [{ port: 81, name: "b" }, { port: 80, name: "a" }] }],
      ["its selector merges", { selector: { a: "1" } }, { selector: { a: null, b: "2" } }, { selector: { b: "2" } }],
      ["outside addresses are replaced", { externalIPs: ["1.1.1.1"] }, { externalIPs: ["2.2.2.2"] }, { externalIPs: ["2.2.2.2"] }],
      ["the order of ports is set", { ports: [{ port: 80 }, { port: 81 }] }, { "$setElementOrder/ports": [{ port: 81 }, { port: 80 }] }, { ports: [{ port: 81 }, { port: 80 }] }],
    ],
  },
  {
    subject: "a ConfigMap", apiVersion: "v1", kind: "ConfigMap", at: [],
    cases: [
      ["data merge", { data: { a: "1" } }, { data: { b: "2" } }, { data: { a: "1", b: "2" } }],
      ["data are replaced", { data: { a: "1" } }, { data: { $patch: "replace", b: "2" } }, { data: { b: "2" } }],
      ["a key named as a directive of lists is one", { data: { a: "1" } }, { data: { "$setElementOrder/a": [] } }, { refused: /a list was expected/ }],
    ],
  },
  {
    subject: "a PodDisruptionBudget", apiVersion: "policy/v1", kind: "PodDisruptionBudget", at: ["spec"],
    cases: [
      ["its selector is replaced", { selector: { matchLabels: { a: "1" } } }, { selector: { matchLabels: { b: "2" } } }, { selector: { matchLabels: { b: "2" } } }],
      ["a null in its selector is left out", { selector: { matchLabels: { a: "1" } } }, { selector: { matchLabels: { b: null, c: "3" } } }, { selector: { matchLabels: { c: "3" } } }],
    ],
  },
  {
    subject: "a ServiceAccount", apiVersion: "v1", kind: "ServiceAccount", at: [],
    cases: [
      ["secrets merge by name", { secrets: named("a") }, { secrets: [{ name: "a", namespace: "x" }] }, { secrets: [{ name: "a", namespace: "x" }] }],
      ["pull secrets are replaced", { imagePullSecrets: named("a") }, { imagePullSecrets: named("b") }, { imagePullSecrets: named("b") }],
    ],
  },
  {
    subject: "a Node", apiVersion: "v1", kind: "Node", at: [],
    cases: [
      ["ranges are a set", { spec: { podCIDRs: ["10.0.0.0/24"] } }, { spec: { podCIDRs: ["fd00::/64"] } }, { spec: { podCIDRs: ["fd00::/64", "10.0.0.0/24"] } }],
      ["taints are replaced", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }, { spec: { taints: [{ key: "b", effect: "NoSchedule" }] } }, { spec: { taints: [{ key: "b", effect: "NoSchedule" }] } }],
      ["conditions merge by type", { status: { conditions: [{ type: "Ready", status: "True", reason: "x" }] } }, { status: { conditions: [{ type: "Ready", status: "False" }] } }, { status: { conditions: [{ type: "Ready", status: "False", reason: "x" }] } }],
      ["addresses merge by type", { status: { addresses: [{ type: "Hostname", address: "a" }] } }, { status: { addresses: [{ type: "InternalIP", address: "1.1.1.1" }, { type: "Hostname", address: "b" }] } }, { status: { addresses: [{ type: "InternalIP", address: "1.1.1.1" }, { type: "Hostname", address: "b" }] } }],
      ["images are replaced", { status: { images: [{ names: ["a"] }] } }, { status: { images: [{ names: ["b"] }] } }, { status: { images: [{ names: ["b"] }] } }],
    ],
  },
  {
    subject: "a ClusterRole", apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", at: [],
    cases: [["rules are replaced", { rules: [{ verbs: ["get"] }] }, { rules: [{ verbs: ["list"] }] }, { rules: [{ verbs: ["list"] }] }]],
  },
  {
    subject: "an Ingress", apiVersion: "networking.k8s.io/v1", kind: "Ingress", at: ["spec"],
    cases: [["rules are replaced", { rules: [{ host: "a" }] }, { rules: [{ host: "b" }] }, { rules: [{ host: "b" }] }]],
  },
  {
    subject: "a webhook configuration", apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration", at: [],
    cases: [
      ["webhooks merge by name", { webhooks: [{ name: "a.x.io", failurePolicy: "Fail" }] }, { webhooks: [{ name: "a.x.io", timeoutSeconds: 5 }] }, { webhooks: [{ name: "a.x.io", failurePolicy: "Fail", timeoutSeconds: 5 }] }],
      ["their conditions merge by name", { webhooks: [{ name: "a", matchConditions: [{ name: "x", expression: "1" }] }] }, { webhooks: [{ name: "a", matchConditions: [{ name: "x", expression: "2" }] }] }, { webhooks: [{ name: "a", matchConditions: [{ name: "x", expression: "2" }] }] }],
    ],
  },
];

/** Every case, by what it is about. */
export const strategicGroups: readonly StrategicGroup[] = [objects, maps, directives, keyed, keyedDirectives, order, retainKeys, replaced, metadata, ...others];

/** A part of an object as the whole object. */
export function wholeOf({ apiVersion, kind, at }: StrategicGroup, part: JsonObject): JsonObject {
  return { apiVersion, kind, ...patchOf({ at }, part) };
}

/** A patch of the part as a patch of the whole. */
export function patchOf({ at }: Pick<StrategicGroup, "at">, part: JsonObject): JsonObject {
  return at.reduceRight((below, name) => ({ [name]: below }), part);
}
