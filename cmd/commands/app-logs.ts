import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { controllerOf } from "../../src/model/object.ts";
import { applicationAnnotation } from "../../src/reconcile/tracking.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
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

async function podsOf({ client }: Connection, mark: string): Promise<readonly Pod[]> {
  const [deployments, sets, pods] = await Promise.all([client.list(DeploymentKind), client.list(ReplicaSetKind), client.list(PodKind)]);
  const isMarked = (object: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } }) => object.metadata.annotations?.[applicationAnnotation] === mark;
  const owners = new Set(deployments.items.filter(isMarked).map((one) => one.metadata.uid));
  const setUids = new Set(sets.items.filter((set) => isMarked(set) || owners.has(controllerOf(set)?.uid)).map((set) => set.metadata.uid));
  return pods.items.filter((pod) => isMarked(pod) || setUids.has(controllerOf(pod)?.uid));
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
