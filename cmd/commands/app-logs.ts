import type { Kind } from "../../src/model/kind.ts";
import { CronJobKind, JobKind } from "../../src/model/kinds/batch.ts";
import { DaemonSetKind } from "../../src/model/kinds/daemon-set.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../../src/model/kinds/replication-controller.ts";
import { StatefulSetKind } from "../../src/model/kinds/stateful-set.ts";
import { controllerOf } from "../../src/model/object.ts";
import type { ApiObject } from "../../src/model/object.ts";
import { applicationAnnotation } from "../../src/reconcile/tracking.ts";
import { readApplication } from "../application.ts";
import type { Command, CommandContext } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import type { Connection } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** `capstan app logs`. */
export const appLogsCommand: Command = {
  name: "app logs", usage: "NAME [-f] [--tail N]", summary: "the logs of all its pods, each line with its pod",
  flags: { ...connectFlags, follow: { type: "boolean", short: "f", help: "go on as lines are written" }, tail: { type: "string", value: "N", help: "only the last N lines of each (default 100)" } },
  async run(context) {
    const words = parseWords(appLogsCommand, context.words, { min: 1, max: 1 });
    return withConnection(context, words.text("kubeconfig"), async (connection) => {
      const application = await readApplication(connection.client, words);
      const pods = await podsOf(connection, `${application.metadata.namespace ?? ""}/${application.metadata.name}`);
      if (pods.length === 0) context.output.note("no pods");
      const query = `?tailLines=${Number(words.text("tail") ?? 100)}${words.isSet("follow") ? "&follow=true" : ""}`;
      await Promise.all(pods.flatMap((pod) => pod.spec.containers.map((container) => printLogs(connection, context, pod, `${query}&container=${encodeURIComponent(container.name)}`))));
      return exitCodes.done;
    });
  },
};

/** What pods may come of, owners before what they own. */
const owners: readonly Kind[] = [DeploymentKind, CronJobKind, ReplicaSetKind, ReplicationControllerKind, StatefulSetKind, DaemonSetKind, JobKind];

/** Pods with the application's mark, or below something with it. */
async function podsOf({ client }: Connection, mark: string): Promise<readonly Pod[]> {
  const [pods, ...lists] = await Promise.all([client.list(PodKind), ...owners.map((kind) => client.list<ApiObject>(kind))]);
  const uids = new Set<string | undefined>();
  const isOfApplication = (object: ApiObject): boolean => object.metadata.annotations?.[applicationAnnotation] === mark || uids.has(controllerOf(object)?.uid);
  for (const object of lists.flatMap(({ items }) => items)) if (isOfApplication(object)) uids.add(object.metadata.uid);
  return pods.items.filter(isOfApplication);
}

async function printLogs(connection: Connection, context: CommandContext, pod: Pod, query: string): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.metadata.namespace ?? "")}/pods/${encodeURIComponent(pod.metadata.name)}/log${query}`;
  for await (const chunk of connection.stream(path, context.signal)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) context.output.print(`${pod.metadata.name} | ${line}`);
  }
  if (rest !== "") context.output.print(`${pod.metadata.name} | ${rest}`);
}
