import admissionregistration from "./descriptions/admissionregistration-v1.json" with { type: "json" };
import apiextensions from "./descriptions/apiextensions-v1.json" with { type: "json" };
import apiregistration from "./descriptions/apiregistration-v1.json" with { type: "json" };
import apps from "./descriptions/apps-v1.json" with { type: "json" };
import authentication from "./descriptions/authentication-v1.json" with { type: "json" };
import authorization from "./descriptions/authorization-v1.json" with { type: "json" };
import autoscaling from "./descriptions/autoscaling-v1.json" with { type: "json" };
import autoscalingV2 from "./descriptions/autoscaling-v2.json" with { type: "json" };
import batch from "./descriptions/batch-v1.json" with { type: "json" };
import capstan from "./descriptions/capstan-v1.json" with { type: "json" };
import certificates from "./descriptions/certificates-v1.json" with { type: "json" };
import common from "./descriptions/common.json" with { type: "json" };
import coordination from "./descriptions/coordination-v1.json" with { type: "json" };
import core from "./descriptions/core-v1.json" with { type: "json" };
import discovery from "./descriptions/discovery-v1.json" with { type: "json" };
import events from "./descriptions/events-v1.json" with { type: "json" };
import flowcontrol from "./descriptions/flowcontrol-v1.json" with { type: "json" };
import meta from "./descriptions/meta-v1.json" with { type: "json" };
import networking from "./descriptions/networking-v1.json" with { type: "json" };
import node from "./descriptions/node-v1.json" with { type: "json" };
import policy from "./descriptions/policy-v1.json" with { type: "json" };
import rbac from "./descriptions/rbac-v1.json" with { type: "json" };
import resource from "./descriptions/resource-v1.json" with { type: "json" };
import scheduling from "./descriptions/scheduling-v1.json" with { type: "json" };
import schedulingV1alpha3 from "./descriptions/scheduling-v1alpha3.json" with { type: "json" };
import storage from "./descriptions/storage-v1.json" with { type: "json" };

/** Texts of one package: by message, then by field; "" is the message itself. */
type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const packages: ReadonlyMap<string, Descriptions> = new Map<string, Descriptions>([
  ["admissionregistration/v1", admissionregistration], ["apiextensions/v1", apiextensions], ["apiregistration/v1", apiregistration], ["apps/v1", apps],
  ["authentication/v1", authentication], ["authorization/v1", authorization], ["autoscaling/v1", autoscaling], ["autoscaling/v2", autoscalingV2],
  ["batch/v1", batch], ["capstan/v1", capstan], ["certificates/v1", certificates], ["coordination/v1", coordination], ["core/v1", core],
  ["discovery/v1", discovery], ["events/v1", events], ["flowcontrol/v1", flowcontrol], ["meta/v1", meta], ["networking/v1", networking],
  ["node/v1", node], ["policy/v1", policy], ["rbac/v1", rbac], ["resource/v1", resource], ["scheduling/v1", scheduling],
  ["scheduling/v1alpha3", schedulingV1alpha3], ["storage/v1", storage],
]);

/** What holds for fields of one name wherever they are, and, after a star, in messages whose names end so. */
const everywhere: Descriptions = common;
const endings = Object.keys(everywhere).flatMap((name) => (name.length > 1 ? [name.slice(1)] : []));

/** Messages whose fields are told where another has the same: volumes of pods and of the cluster, for one. */
const twins: ReadonlyMap<string, string> = new Map([
  ["apiextensions/v1.ServiceReference", "admissionregistration/v1.ServiceReference"],
  ["admissionregistration/v1.MutatingWebhook", "admissionregistration/v1.ValidatingWebhook"],
  ["autoscaling/v2.CrossVersionObjectReference", "autoscaling/v1.CrossVersionObjectReference"],
  ["core/v1.AzureFilePersistentVolumeSource", "core/v1.AzureFileVolumeSource"],
  ["core/v1.CephFSPersistentVolumeSource", "core/v1.CephFSVolumeSource"],
  ["core/v1.CinderPersistentVolumeSource", "core/v1.CinderVolumeSource"],
  ["core/v1.ConfigMapProjection", "core/v1.ConfigMapVolumeSource"],
  ["core/v1.DownwardAPIProjection", "core/v1.DownwardAPIVolumeSource"],
  ["core/v1.EphemeralContainerCommon", "core/v1.Container"],
  ["core/v1.FlexPersistentVolumeSource", "core/v1.FlexVolumeSource"],
  ["core/v1.GlusterfsPersistentVolumeSource", "core/v1.GlusterfsVolumeSource"],
  ["core/v1.ISCSIPersistentVolumeSource", "core/v1.ISCSIVolumeSource"],
  ["core/v1.PodAntiAffinity", "core/v1.PodAffinity"],
  ["core/v1.RBDPersistentVolumeSource", "core/v1.RBDVolumeSource"],
  ["core/v1.ScaleIOPersistentVolumeSource", "core/v1.ScaleIOVolumeSource"],
  ["core/v1.SecretProjection", "core/v1.SecretVolumeSource"],
  ["core/v1.StorageOSPersistentVolumeSource", "core/v1.StorageOSVolumeSource"],
  ["resource/v1.DeviceSubRequest", "resource/v1.ExactDeviceRequest"],
]);

/** What a message is for, in a sentence; undefined where nothing is said. */
export function describeMessage(message: string): string | undefined {
  return describe(message, "");
}

/** What a field of a message is for, as `kubectl explain` shows it; undefined where nothing is said. */
export function describeField(message: string, field: string): string | undefined {
  return describe(message, field) ?? everywhere["*"]?.[field];
}

/** The message's own text, its twin's, or that of messages whose names end as its own. */
function describe(message: string, key: string): string | undefined {
  const twin = twins.get(message);
  const { pkg, name } = partsOf(message);
  const ending = endings.find((candidate) => name.endsWith(candidate));
  return packages.get(pkg)?.[name]?.[key] ?? (twin === undefined ? undefined : describe(twin, key)) ?? (ending === undefined ? undefined : everywhere[`*${ending}`]?.[key]);
}

function partsOf(message: string): { readonly pkg: string; readonly name: string } {
  const dot = message.indexOf(".");
  return { pkg: message.slice(0, dot), name: message.slice(dot + 1) };
}
