import type { Story } from "../story.ts";

/** scale, rollout and wait. */
export const rollouts: readonly Story[] = [
  {
    title: "a rollout is followed, paused, restarted and undone",
    rows: [
      { run: "create deployment web --image=busybox:1 --replicas=2 -- sleep 100000", says: "deployment.apps/web created" },
      { run: "rollout status deployment/web --timeout=60s", says: '...\ndeployment "web" successfully rolled out' },
      { run: "get deploy web", says: "NAME READY UP-TO-DATE AVAILABLE AGE\nweb 2/2 2 2 *" },
      { run: "scale deployment web --replicas=1", says: "deployment.apps/web scaled" },
      { run: "scale deployment web --current-replicas=2 --replicas=3", complains: "error: Expected replicas to be 2, was 1" },
      { run: "scale --replicas=0 deployment nothing", to: "1.34", complains: 'error: no objects passed to scale*' },
      { run: "scale --replicas=0 deployment nothing", from: "1.35", complains: 'Error from server (NotFound): deployments.apps "nothing" not found' },
      { run: "rollout history deployment web", says: "deployment.apps/web\nREVISION CHANGE-CAUSE\n1 <none>" },
      { run: "annotate deploy web kubernetes.io/change-cause='first of all'", says: "deployment.apps/web annotate*" },
      { run: "set image deploy/web busybox=busybox:2", says: "deployment.apps/web image updated" },
      { run: "rollout status deployment/web --timeout=60s", says: '...\ndeployment "web" successfully rolled out' },
      { run: "annotate deploy web --overwrite kubernetes.io/change-cause=second", says: "deployment.apps/web annotate*" },
      { run: "rollout history deployment web", isEventual: true, says: "deployment.apps/web\nREVISION CHANGE-CAUSE\n1 first of all\n2 second" },
      { run: "rollout history deployment web --revision=2", says: "deployment.apps/web with revision #2\nPod Template:\nLabels: app=web\npod-template-hash=*\nAnnotations: kubernetes.io/change-cause: second\nContainers:\nbusybox:\nImage: busybox:2\n..." },
      { run: "rollout undo deployment web", says: "deployment.apps/web rolled back" },
      { run: "get deploy web -o 'jsonpath={.spec.template.spec.containers[0].image}'", says: "busybox:1" },
      { run: "rollout undo deployment web --to-revision=9", complains: "error: unable to find specified revision 9 in history" },
      { run: "rollout pause deployment web", says: "deployment.apps/web paused" },
      { run: "rollout pause deployment web", complains: 'error: deployments.apps "web" is already paused' },
      { run: "rollout restart deployment web", complains: `error: deployments.apps "web" can't restart paused deployment (run rollout resume first)` },
      { run: "rollout resume deployment web", says: "deployment.apps/web resumed" },
      { run: "rollout restart deployment web", says: "deployment.apps/web restarted" },
      { run: "rollout status deployment/web --timeout=60s", says: '...\ndeployment "web" successfully rolled out' },
      { run: "rollout status deployment/web --revision=77", complains: "error: desired revision (77) is different from the running revision (*)" },
      { run: "wait --for=condition=Available deployment/web --timeout=10s", says: "deployment.apps/web condition met" },
      { run: "wait --for=jsonpath='{.spec.replicas}'=1 deployment/web --timeout=10s", says: "deployment.apps/web condition met" },
      { run: "wait --for=condition=Odd deployment/web --timeout=100ms", complains: "error: timed out waiting for the condition on deployments/web" },
      { run: "wait --for=delete deployment/nothing --timeout=10s" },
      { run: "wait --for=condition=Ready pod/nothing --timeout=1s", complains: 'Error from server (NotFound): pods "nothing" not found' },
    ],
  },
];
