import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { admin, tokenApi } from "../../test/api/api.ts";
import type { TestApi } from "../../test/api/api.ts";
import { namespace } from "../../test/api/objects.ts";
import { isApiError } from "../model/api-error.ts";
import { kinds } from "../model/kinds.ts";
import { MutatingAdmissionPolicyBindingKind, MutatingAdmissionPolicyKind, MutatingWebhookConfigurationKind, ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind } from "../model/kinds/admissionregistration.ts";
import { LimitRangeKind, ResourceQuotaKind } from "../model/kinds/core-limits.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { PriorityClassKind } from "../model/kinds/scheduling.ts";
import { ServiceAccountKind } from "../model/kinds/service-account.ts";
import { readField } from "../value/field-path.ts";
import { deepFreeze } from "../value/freeze.ts";
import type { JsonObject } from "../value/json.ts";
import type { ApiObject } from "../model/object.ts";
import type { UserInfo } from "./client.ts";
import { CreateTemplates, templatesMax } from "./create-templates.ts";
import type { CreatedObject, FoundTemplate, TemplatedCreate } from "./create-templates.ts";
import { CollectedNotes } from "./notes.ts";
import type { Outside } from "./questions.ts";
import { SharedParts } from "./http/shared-parts.ts";
import { jsonOf } from "./shape.ts";
import type { WriteRequest } from "./verbs.ts";

/** Templates that are never any: every object is created the long way. */
class NoTemplates extends CreateTemplates {
  override find(): FoundTemplate | undefined { return undefined; }
  override isAwaited(): boolean { return false; }
}

/** Counts what was found and learned. */
class CountedTemplates extends CreateTemplates {
  found = 0;
  learned = 0;
  override find(create: TemplatedCreate): FoundTemplate | undefined {
    const found = super.find(create);
    if (found !== undefined) this.found++;
    return found;
  }
  override learn(created: CreatedObject): void {
    this.learned++;
    super.learn(created);
  }
}

const twoNamespaces = ["default", "other"] as const;

/** Answers every webhook that the object gets a label. */
const outside: Outside = {
  async ask({ body }) {
    const uid = (body["request"] as JsonObject)["uid"];
    const patch = Buffer.from(JSON.stringify([{ op: "add", path: "/metadata/annotations", value: { "example.com/seen": "yes" } }])).toString("base64");
    return { kind: "answered", body: { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", response: { uid, allowed: true, patchType: "JSONPatch", patch } } };
  },
};

async function apiWith(templates: CreateTemplates): Promise<TestApi> {
  const api = await tokenApi({ templates, outside });
  await api.client.create(NamespaceKind, namespace("other"));
  await api.client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "other" } });
  return api;
}

/** What a client sees of one create: the bytes or the refusal, and what it was told beside. */
async function createdBy(api: TestApi, asked: { readonly body: JsonObject; readonly place: string; readonly user: UserInfo; readonly userAgent: string; readonly request: WriteRequest }): Promise<unknown> {
  const notes = new CollectedNotes();
  const { body, place, user, userAgent, request } = asked;
  try {
    const { stored, warnings } = await api.verbs.create({ user, userAgent, notes }, PodKind, place, body, request);
    return { text: Buffer.from(stored.bytes()).toString(), object: stored.object(), warnings, notes: [notes.warnings, notes.annotations] };
  } catch (error) {
    if (!isApiError(error)) throw error;
    return { reason: error.reason, message: error.message, details: error.details, notes: [notes.warnings, notes.annotations] };
  }
}

/** Everything in the store, as text. */
function dumpOf({ store }: TestApi): readonly string[] {
  return store.list("").entries.map(({ key, value, revision }) => `${key} ${revision} ${Buffer.from(value).toString()}`);
}

test("of pods made from one template the fourth and later ones are made from it, and are read as the bytes say", async () => {
  const templates = new CountedTemplates();
  const api = await apiWith(templates);
  const spec = deepFreeze({ containers: [{ name: "main", image: "demo:1", resources: { limits: { cpu: "1" } } }] });
  const made: ApiObject[] = [];
  for (let count = 0; count < 6; count++) {
    const { stored } = await api.verbs.create({ user: admin }, PodKind, "default", { metadata: { generateName: "p-", labels: { app: "a" } }, spec });
    assert.deepEqual(stored.object(), JSON.parse(Buffer.from(stored.bytes()).toString()));
    made.push(stored.object());
  }
  assert.deepEqual([templates.found, templates.learned], [3, 2]);
  assert.ok(made[4] !== undefined && made[5] !== undefined && jsonOf(made[4])["spec"] === jsonOf(made[5])["spec"] && Object.isFrozen(made[5].metadata));
});

test("a spec need not be the same value, and who sent it may change it", async () => {
  const templates = new CountedTemplates();
  const { verbs } = await apiWith(templates);
  for (let count = 0; count < 6; count++) {
    const spec = { containers: [{ name: "main", image: "demo:1" }] };
    const { stored } = await verbs.create({ user: admin }, PodKind, "default", { metadata: { generateName: "p-" }, spec, status: {} });
    spec.containers.push({ name: "another", image: "demo:2" });
    assert.deepEqual(readField(stored.object(), "spec.containers"), readField(JSON.parse(Buffer.from(stored.bytes()).toString()), "spec.containers"));
  }
  assert.deepEqual([templates.found, templates.learned], [3, 2]);
});

test("pods that differ in texts nobody looks at are made from one template, and share the rest", async () => {
  const templates = new CountedTemplates();
  const { verbs } = await apiWith(templates);
  const made: ApiObject[] = [];
  const create = async (text: string, image = "demo:1"): Promise<void> => {
    const spec = { initContainers: [{ name: "first", image }], containers: [{ name: "main", image, args: ["serve", text], env: [{ name: "TEXT", value: text }], resources: { limits: { cpu: "1" } } }] };
    const { stored } = await verbs.create({ user: admin }, PodKind, "default", { metadata: { generateName: "p-" }, spec });
    assert.deepEqual(stored.object(), JSON.parse(Buffer.from(stored.bytes()).toString()));
    made.push(stored.object());
  };
  for (const text of ["a", "b", "c", "d", "longer than the others", "d"]) await create(text);
  assert.deepEqual([templates.found, templates.learned], [3, 2]);
  for (const text of ["", "with a \"quote\"", "ü", "x".repeat(2_000)]) await create(text);
  await create("e", "demo:latest");
  await create("e", " demo:1").then(() => assert.fail("no image"), () => {});
  assert.equal(templates.found, 3, "what is not plain, or of another class, goes the long way");
  await create("e", "another/demo:2");
  assert.equal(templates.found, 4);
  const [before, after] = [made[3], made[5]].map((object) => (object === undefined ? {} : jsonOf(object)));
  assert.ok(before !== undefined && after !== undefined && before["status"] === after["status"] && Object.isFrozen(after["spec"]));
});

test("a name is checked, and one that is taken refused, whatever else is known of the template", async () => {
  const templates = new CountedTemplates();
  const { verbs } = await apiWith(templates);
  const spec = deepFreeze({ containers: [{ name: "main", image: "demo:1" }] });
  const create = (name: string) => verbs.create({ user: admin }, PodKind, "default", { metadata: { name }, spec });
  for (const name of ["a", "b", "c", "d"]) await create(name);
  assert.equal(templates.found, 1);
  await assert.rejects(create("d"), { reason: "AlreadyExists", message: 'pods "d" already exists' });
  await assert.rejects(create("Bad_Name"), { reason: "Invalid", message: /^Pod "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/ });
  await assert.rejects(create(""), { reason: "Invalid", message: /metadata.name: Required value: name or generateName is required/ });
});

test("of all kinds only pods are made from templates", () => {
  assert.deepEqual(kinds.filter(({ isMadeFromTemplates }) => isMadeFromTemplates === true).map(({ kind }) => kind), ["Pod"]);
});

test("more templates than are remembered cost no more than a look", async () => {
  const templates = new CountedTemplates();
  const api = await apiWith(templates);
  const specs = Array.from({ length: 2 * templatesMax + 1 }, (_, index) => deepFreeze({ containers: [{ name: `main-${index}`, image: "demo:1" }] }));
  for (let round = 0; round < 3; round++) {
    for (const spec of specs) await api.verbs.create({ user: admin }, PodKind, "default", { metadata: { generateName: "p-" }, spec });
  }
  assert.deepEqual([templates.found, templates.learned], [0, 0]);
});

const container = { name: "main", image: "$image", args: ["$text"], resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } } };

/** Specs of pods: right ones, refused ones, and ones that are read in one way only. */
const specs: readonly JsonObject[] = [
  { containers: [container] },
  { containers: [{ ...container, env: [{ name: "A", value: "$text" }, { name: "B", value: "#" }] }], tolerations: [{ operator: "Exists" }] },
  { containers: [{ name: "main", image: "demo" }], initContainers: [{ name: "first", image: "demo" }], volumes: [{ name: "data" }] },
  { containers: [{ name: "main", image: "demo:1", resources: { requests: { cpu: "3" } } }], hostNetwork: true, serviceAccountName: "default" },
  { containers: [container], priorityClassName: "high", automountServiceAccountToken: false },
  { containers: [{ ...container, env: [{ name: "A", value: "$text", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }] }] },
  { containers: [container], unknownField: 1, nodeName: "n1" },
  { containers: [{ name: "MAIN", image: "demo:1" }] },
  { containers: [{ name: "main", image: "demo:1", resources: { limits: { cpu: "0.50" } } }], serviceAccountName: "nobody" },
  { containers: "main" },
];

/** What stands for `$image` and `$text` in a spec. */
const images = ["demo:1", "demo:2", "demo", "demo:latest", "demo@sha256:1", " demo:1", ""] as const;
const texts = ["a", "b", "", "a longer one", "a \"quote\"", "\\", "<particular:0>", "<particular:name>", "\u00fc", "\n"] as const;

const labelSets: readonly (JsonObject | undefined)[] = [undefined, { app: "a" }, { app: "a", "bad label": "x" }];

const whats = ["limits", "quota", "security", "priority", "policy", "mutation", "webhook", "account", "ending"] as const;

/** One create, and what may be different about the next one. In a name `#` stands for the count of creates. */
const parts = {
  spec: fc.nat(specs.length - 1),
  image: fc.constantFrom(...images),
  text: fc.constantFrom(...texts),
  labels: fc.nat(labelSets.length - 1),
  place: fc.constantFrom(...twoNamespaces),
  name: fc.constantFrom<JsonObject>({ generateName: "p-" }, { name: "p-#" }, { name: "p" }, { name: "" }, { name: "Bad_Name-#" }, { generateName: "Bad_" }, { generateName: "p-", name: "q" }),
  more: fc.constantFrom<JsonObject>({}, { creationTimestamp: null }, { finalizers: ["example.com/x"] }, { unknown: 1 }, { namespace: "default" }),
  user: fc.constantFrom<UserInfo>(admin, { name: "system:node:n1", groups: ["system:nodes", "system:masters"] }),
  userAgent: fc.constantFrom("kubectl/v1.33", "helm/4"),
  request: fc.constantFrom<WriteRequest>({}, { fieldValidation: "Strict" }, { fieldValidation: "Ignore" }, { dryRun: true }, { fieldManager: "me" }),
};
const creation = fc.record(parts);

type Creation = typeof creation extends fc.Arbitrary<infer T> ? T : never;

const usual: Creation = { spec: 0, image: "demo:1", text: "a", labels: 1, place: "default", name: { generateName: "p-" }, more: {}, user: admin, userAgent: "kubectl/v1.33", request: {} };

/** Something that comes between creates: what admission goes by changes, or the next ones differ in a part or two. */
const turn = fc.oneof(
  fc.record({ what: fc.constantFrom(...whats), place: fc.constantFrom(...twoNamespaces) }),
  fc.record({ altered: fc.record(parts, { requiredKeys: [] }) }),
  ...["image", "text", ...Object.keys(parts)].map((name) => {
    const part: fc.Arbitrary<unknown> = parts[name as keyof typeof parts];
    return fc.record({ altered: part.map((value): Partial<Creation> => ({ [name]: value })) });
  }),
);

/** Changes what admission goes by; the same way in both APIs. */
async function apply(api: TestApi, { what, place }: { readonly what: string; readonly place: string }): Promise<void> {
  const { client } = api;
  const metadata = { name: what, namespace: place };
  const attempt = async (write: () => Promise<unknown>): Promise<void> => { try { await write(); } catch (error) { if (!isApiError(error)) throw error; } };
  switch (what) {
    case "limits": return attempt(() => client.create(LimitRangeKind, { apiVersion: "v1", kind: "LimitRange", metadata, spec: { limits: [{ type: "Container", default: { cpu: "2" }, max: { cpu: "2" } }] } }));
    case "quota": return attempt(async () => {
      const made = await client.create(ResourceQuotaKind, { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard: { pods: "3" } }, status: {} });
      await client.updateStatus(ResourceQuotaKind, { ...made, status: { hard: { pods: "3" }, used: { pods: "0" } } });
    });
    case "priority": return attempt(() => client.create(PriorityClassKind, { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "high" }, value: 7, globalDefault: true }));
    case "policy": return attempt(async () => {
      const group = "admissionregistration.k8s.io/v1";
      await client.create(ValidatingAdmissionPolicyKind, { apiVersion: group, kind: "ValidatingAdmissionPolicy", metadata: { name: "names" }, spec: {
        matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }] }, validations: [{ expression: "object.metadata.name < 'p-m'" }],
      }, status: {} });
      await client.create(ValidatingAdmissionPolicyBindingKind, { apiVersion: group, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "names" }, spec: { policyName: "names", validationActions: ["Warn", "Audit"] } });
    });
    case "mutation": return attempt(async () => {
      const group = "admissionregistration.k8s.io/v1";
      await client.create(MutatingAdmissionPolicyKind, { apiVersion: group, kind: "MutatingAdmissionPolicy", metadata: { name: "labels" }, spec: {
        matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }] }, reinvocationPolicy: "IfNeeded",
        mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'first': object.metadata.name.substring(0, 3)}}}" } }],
      } });
      await client.create(MutatingAdmissionPolicyBindingKind, { apiVersion: group, kind: "MutatingAdmissionPolicyBinding", metadata: { name: "labels" }, spec: { policyName: "labels", matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": place } } } } });
    });
    case "webhook": return attempt(() => client.create(MutatingWebhookConfigurationKind, { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration", metadata: { name: "hook" }, webhooks: [{
      name: "hook.example.com", clientConfig: { url: "https://hook.example.com/" }, admissionReviewVersions: ["v1"], sideEffects: "None",
      rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }], namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": place } },
    }] }));
    case "account": return attempt(async () => {
      const account = await client.get(ServiceAccountKind, { namespace: place, name: "default" });
      if (account !== undefined) await client.update(ServiceAccountKind, { ...account, automountServiceAccountToken: true, imagePullSecrets: [{ name: "pull" }] });
    });
    case "security": case "ending": return attempt(async () => {
      const found = await client.get(NamespaceKind, { namespace: "", name: place });
      if (found === undefined) return;
      if (what === "ending") await client.remove(NamespaceKind, { namespace: "", name: place });
      else await client.update(NamespaceKind, { ...found, metadata: { ...found.metadata, labels: { ...found.metadata.labels, "pod-security.kubernetes.io/warn": "restricted", "pod-security.kubernetes.io/enforce": "baseline" } } });
    });
    default: throw new Error(what);
  }
}

test("with templates every create is answered as without them, and leaves the same behind", async () => {
  let found = 0;
  const basis = fc.oneof({ weight: 3, arbitrary: fc.record({ spec: fc.nat(5), name: fc.constantFrom<JsonObject>({ generateName: "p-" }, { name: "p-#" }) }) }, { weight: 1, arbitrary: creation });
  await fc.assert(fc.asyncProperty(basis, fc.array(turn, { maxLength: 4 }), async (own, turns) => {
    const templates = new CountedTemplates();
    const [fast, slow] = [await apiWith(templates), await apiWith(new NoTemplates())];
    const shared = new SharedParts();
    let count = 0;
    const first: Creation = { ...usual, ...own };
    const create = async ({ spec, image, text, labels, name, more, ...asked }: Creation, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        const labelled = labelSets[labels] === undefined ? {} : { labels: labelSets[labels] };
        const sent = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { ...name, ...more, ...labelled }, spec: specs[spec] })
          .replaceAll("#", String(count++)).replaceAll('"$image"', () => JSON.stringify(image)).replaceAll('"$text"', () => JSON.stringify(text));
        const plain = JSON.parse(sent) as JsonObject;
        assert.deepEqual(await createdBy(fast, { ...asked, body: shared.parse(sent) ?? plain }), await createdBy(slow, { ...asked, body: plain }));
      }
    };
    await create(first, 5);
    for (const between of turns) {
      if ("what" in between) for (const api of [fast, slow]) await apply(api, between);
      await create({ ...first, ..."altered" in between ? between.altered : {} }, 3);
      await create(first, 1);
    }
    assert.deepEqual(dumpOf(fast), dumpOf(slow));
    found += templates.found;
  }), { numRuns: Number(process.env["RUNS"] ?? 40) });
  assert.ok(found > 0, "no create came from a template");
});
