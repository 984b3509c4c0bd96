import { after, before, describe, test } from "node:test";
import { hostname } from "node:os";
import { join } from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { openPki } from "../../../src/api/http/pki.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { TestDaemon } from "../../e2e/daemon.ts";
import { findKubectl } from "./kubectl.ts";
import { useProgram } from "../program.ts";
import { access } from "./stories/access.ts";
import { creating } from "./stories/creating.ts";
import { customs } from "./stories/customs.ts";
import { describing } from "./stories/describing.ts";
import { files, storyFiles } from "./stories/files.ts";
import { nodes } from "./stories/nodes.ts";
import { pods } from "./stories/pods.ts";
import { policies } from "./stories/policies.ts";
import { reading } from "./stories/reading.ts";
import { rollouts } from "./stories/rollouts.ts";
import { writing } from "./stories/writing.ts";
import { tell } from "./story.ts";
import type { Story } from "./story.ts";

/** `CAPSTAN_KUBECTL_VERSIONS=1.27,1.33` runs others than the newest; they lie beside the machine's own. */
const versions = (process.env["CAPSTAN_KUBECTL_VERSIONS"] ?? "1.33").split(",").filter((version) => version !== "");

/** The node is called as the machine. */
const node = hostname().toLowerCase();

const beside: readonly Story[] = [...reading, ...writing, ...pods, ...rollouts, ...creating, ...describing, ...customs, ...access, ...policies, ...files];
const found = versions.flatMap((version) => {
  const path = findKubectl(version);
  return path === undefined ? [] : [{ version, path }];
});

describe("everyday commands of kubectl against the whole daemon", { skip: found.length === 0 ? `no kubectl ${versions.join(", ")} on this machine` : false }, () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start(["--runtime", "process"]);
    const { serving } = await openPki({ directory: join(daemon.home, "pki"), hosts: ["example.com"], world: { clock: realClock, chance: realChance } });
    await writeFile(join(daemon.home, "cert.pem"), serving.cert);
    await writeFile(join(daemon.home, "key.pem"), serving.key);
    await mkdir(join(daemon.home, "overlay"));
    for (const [name, text] of Object.entries(storyFiles)) await writeFile(join(daemon.home, name), text);
  });
  after(() => daemon.close());

  for (const { version, path } of found) {
    describe(`kubectl ${version}: what may run beside each other`, { concurrency: 2 }, () => {
      beside.forEach((story, index) => { told(story, { version, path, ns: `v${version.replace(".", "-")}-${index}` }); });
    });
    describe(`kubectl ${version}: what needs the node for itself`, () => {
      // A story that broke off must not keep pods from those after it.
      after(() => useProgram(path, daemon.home, { kubeconfig: daemon.kubeconfig }).run(["uncordon", node]));
      nodes.forEach((story, index) => { told(story, { version, path, ns: `v${version.replace(".", "-")}-n${index}` }); });
    });
  }

  function told(story: Story, { version, path, ns }: { readonly version: string; readonly path: string; readonly ns: string }): void {
    test(story.title, async () => {
      const kubectlOf = (editor = "false") => useProgram(path, daemon.home, { kubeconfig: daemon.kubeconfig, environment: { KUBE_EDITOR: editor } });
      await kubectlOf().ok(["create", "namespace", ns]);
      await tell(story, { programOf: ({ editor }) => kubectlOf(editor), version, places: { ns, node: node, home: daemon.home } });
      await kubectlOf().ok(["delete", "namespace", ns, "--wait=false"]);
    });
  }
});
