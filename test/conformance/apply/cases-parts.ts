import { apply, create, update } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";
import type { JsonObject } from "../../../src/value/json.ts";

const kind = "Widget";
const v2 = { version: "v2" } as const;
const status = { part: "status" } as const;
const scale = { part: "scale" } as const;
const text = (value: string): JsonObject => ({ spec: { text: value } });
const phase = (value: string): JsonObject => ({ status: { phase: value } });
const ready = '.status.conditions[type="Ready"]';
const container = '.spec.template.spec.containers[name="main"]';

const deployment = (members: JsonObject = {}, image = "demo:1"): JsonObject => ({
  spec: { ...members, selector: { matchLabels: { app: "x" } }, template: { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "main", image }] } } },
});

/** Subresources, versions, and kinds of the API's own. */
export const partCases: Readonly<Record<string, Scenario>> = {
  "a status is applied apart": { kind, steps: [apply("a", text("1")), apply("b", phase("Ready"), status)], has: { ...text("1"), ...phase("Ready") }, owners: { a: ".spec.text", "b/status": ".status.phase" } },
  "an apply leaves the status alone": { kind, steps: [apply("a", text("1")), apply("a", { ...text("2"), ...phase("x") })], has: { ...text("2"), status: null }, owners: { a: ".spec.text" } },
  "an apply of the status leaves the rest alone": { kind, steps: [apply("a", text("1")), apply("b", { ...text("2"), ...phase("x"), metadata: { labels: { l: "1" } } }, status)], has: { ...text("1"), ...phase("x") }, owners: { a: ".spec.text", "b/status": ".status.phase" } },
  "one name has two parts": { kind, steps: [apply("a", text("1")), apply("a", phase("x"), status), apply("a", {})], has: phase("x"), owners: { "a/status": ".status.phase" } },
  "a status of another is a conflict": { kind, steps: [apply("a", text("1")), apply("b", phase("x"), status), apply("c", phase("y"), status)], refused: 'Apply failed with 1 conflict: conflict with "b" with subresource "status": .status.phase' },
  "a status that was updated is a conflict": { kind, steps: [apply("a", text("1")), update("u", phase("x"), status), apply("c", phase("y"), status)], refused: 'Apply failed with 1 conflict: conflict with "u" with subresource "status" using x.example.com/v1: .status.phase' },
  "force over a status": { kind, steps: [apply("a", text("1")), update("u", phase("x"), status), apply("c", phase("y"), { ...status, isForced: true })], has: phase("y"), owners: { a: ".spec.text", "u*/status": ".status", "c/status": ".status.phase" } },
  "a status field goes": { kind, steps: [apply("a", text("1")), apply("b", { status: { phase: "x", size: 1 } }, status), apply("b", { status: { size: 1 } }, status)], has: { status: { phase: null, size: 1 } } },
  "conditions merge by type": { kind, steps: [apply("a", text("1")), apply("b", { status: { conditions: [{ type: "Ready", status: "True" }] } }, status), apply("c", { status: { conditions: [{ type: "Done", status: "True" }] } }, status)], has: { status: { conditions: [{ type: "Ready", status: "True" }, { type: "Done", status: "True" }] } } },
  "a condition of another is a conflict": { kind, steps: [apply("a", text("1")), apply("b", { status: { conditions: [{ type: "Ready", status: "True" }] } }, status), apply("c", { status: { conditions: [{ type: "Ready", status: "False" }] } }, status)], refused: `Apply failed with 1 conflict: conflict with "b" with subresource "status": ${ready}.status` },
  "an update of a status owns it": { kind, steps: [apply("a", text("1")), update("u", phase("x"), status)], owners: { a: ".spec.text", "u*/status": ".status .status.phase" } },
  "a status of what is not there": { kind, steps: [apply("a", phase("x"), status)], refused: /not found/ },
  "a dry run of a status": { kind, steps: [apply("a", text("1")), apply("b", phase("x"), { ...status, isDryRun: true })], has: { status: null }, owners: { a: ".spec.text" } },
  "a scale is applied": { kind, steps: [apply("a", text("1")), apply("b", { spec: { replicas: 3 } }, scale)], has: { spec: { size: 3 } }, owners: { a: ".spec.text", "b/scale": ".spec.size" } },
  "a scale of another is a conflict": { kind, steps: [apply("a", { spec: { size: 1 } }), apply("b", { spec: { replicas: 3 } }, scale)], refused: 'Apply failed with 1 conflict: conflict with "a": .spec.size' },
  "an apply meets who scaled": { kind, steps: [apply("a", { spec: { size: 1 } }), apply("b", { spec: { replicas: 3 } }, { ...scale, isForced: true }), apply("a", { spec: { size: 1 } })], refused: 'Apply failed with 1 conflict: conflict with "b" with subresource "scale": .spec.size' },
  "who leaves the size to the scale may go on": { kind, steps: [apply("a", { spec: { text: "1", size: 1 } }), apply("b", { spec: { replicas: 3 } }, { ...scale, isForced: true }), apply("a", text("2"))], has: { spec: { text: "2", size: 3 } } },

  "an applier is one whatever version it applies": { kind, steps: [apply("a", { spec: { text: "1", size: 1 } }), apply("a", text("2"), v2)], has: { spec: { text: "2", size: null } }, owners: { a: ".spec.text" } },
  "a conflict across versions": { kind, steps: [apply("a", text("1")), apply("b", text("2"), v2)], refused: 'Apply failed with 1 conflict: conflict with "a": .spec.text' },
  "a conflict names the version of an updater": { kind, steps: [create("u", text("1")), update("u", text("2"), v2), apply("b", text("3"))], refused: 'Apply failed with 1 conflict: conflict with "u" using x.example.com/v2: .spec.text' },
  "agreement across versions": { kind, steps: [apply("a", text("1")), apply("b", text("1"), v2)], owners: { a: ".spec.text", b: ".spec.text" } },
  "force across versions": { kind, steps: [apply("a", text("1")), apply("b", text("2"), { ...v2, isForced: true })], has: text("2"), owners: { b: ".spec.text" } },
  "removal across versions": { kind, steps: [apply("a", text("1"), v2), apply("a", {})], has: { spec: null }, owners: {} },

  "a Deployment's defaults are nobody's": { kind: "Deployment", steps: [apply("a", deployment({ replicas: 2 }))], has: { spec: { replicas: 2, progressDeadlineSeconds: 600 } }, owners: { a: `.spec.replicas .spec.selector ${container} ${container}.image ${container}.name .spec.template.metadata.labels.app`.split(" ").toSorted().join(" ") } },
  "a Deployment's image of another": { kind: "Deployment", steps: [apply("a", deployment()), apply("b", deployment({}, "demo:2"))], refused: `Apply failed with 1 conflict: conflict with "a": ${container}.image` },
  "a Deployment's replicas may be left to a scaler": { kind: "Deployment", steps: [apply("a", deployment({ replicas: 2 })), update("hpa", { spec: { replicas: 5 } }, scale), apply("a", deployment())], has: { spec: { replicas: 5 } } },
  "a Deployment's replicas are a conflict with a scaler": { kind: "Deployment", steps: [apply("a", deployment({ replicas: 2 })), update("hpa", { spec: { replicas: 5 } }, scale), apply("a", deployment({ replicas: 2 }))], refused: 'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas' },
  "a Deployment's replicas left out fall back to their default": { kind: "Deployment", steps: [apply("a", deployment({ replicas: 2 })), apply("a", deployment())], has: { spec: { replicas: 1 } } },
  "a Deployment's status has its own owner": { kind: "Deployment", steps: [apply("a", deployment()), update("c", { status: { observedGeneration: 1 } }, status)], owners: { a: "…", "c*/status": ".status.observedGeneration" } },
  "a Deployment's strategy is shared": { kind: "Deployment", steps: [apply("a", deployment()), apply("b", deployment({ strategy: { rollingUpdate: { maxSurge: 2 } } }))], has: { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 2, maxUnavailable: "25%" } } } } },
  "a Deployment's selector is whole": { kind: "Deployment", steps: [apply("a", deployment()), apply("b", { spec: { ...deployment()["spec"] as JsonObject, selector: { matchLabels: { app: "x", y: "z" } } } })], refused: 'Apply failed with 1 conflict: conflict with "a": .spec.selector' },
  "a Service's ports by number and protocol": { kind: "Service", steps: [apply("a", { spec: { ports: [{ name: "t", port: 53 }] } }), apply("b", { spec: { ports: [{ name: "u", port: 53, protocol: "UDP" }] } })], has: { spec: { ports: [{ name: "t", port: 53, protocol: "TCP", targetPort: 53 }, { name: "u", port: 53, protocol: "UDP", targetPort: 53 }] } } },
  "a Service's port is given up": { kind: "Service", steps: [apply("a", { spec: { ports: [{ name: "a", port: 80 }, { name: "b", port: 81 }] } }), apply("a", { spec: { ports: [{ name: "a", port: 80 }] } })], has: { spec: { ports: [{ name: "a", port: 80, protocol: "TCP", targetPort: 80 }] } } },
  "a Service's selector is whole": { kind: "Service", steps: [apply("a", { spec: { selector: { a: "1" }, ports: [{ port: 80 }] } }), apply("b", { spec: { selector: { b: "1" } } })], refused: 'Apply failed with 1 conflict: conflict with "a": .spec.selector' },
  "a Service's address is nobody's": { kind: "Service", steps: [apply("a", { spec: { ports: [{ port: 80 }] } })], owners: { a: '.spec.ports[port=80,protocol="TCP"] .spec.ports[port=80,protocol="TCP"].port' } },
  "an account's pull secrets by name": { kind: "ServiceAccount", steps: [apply("a", { imagePullSecrets: [{ name: "x" }] }), apply("b", { secrets: [{ name: "s" }] })], has: { secrets: [{ name: "s" }] } },
  "a Role's rules are whole": { kind: "Role", steps: [apply("a", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }), apply("b", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] })], refused: 'Apply failed with 1 conflict: conflict with "a": .rules' },
  "a Secret's data by name": { kind: "Secret", steps: [apply("a", { data: { x: "MQ==" } }), apply("b", { data: { y: "Mg==" } })], has: { data: { x: "MQ==", y: "Mg==" } }, owners: { a: ".data.x", b: ".data.y" } },
  "an apply that is not valid": { kind: "Deployment", steps: [apply("a", deployment({ replicas: -1 }))], refused: /is invalid: .*spec\.replicas/ },
};
