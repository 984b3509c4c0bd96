import type { Story } from "../story.ts";

/** taint, cordon, drain and top; they touch the only node, so nothing runs beside them. */
export const nodes: readonly Story[] = [
  {
    title: "a drain waits for a disruption budget, and goes on when there is none",
    rows: [
      { run: "get nodes", says: "NAME STATUS ROLES AGE VERSION\n{node} Ready <none> * v1.33.0" },
      { run: "get node {node} -o wide --no-headers", says: "{node} Ready <none> * v1.33.0 127.0.0.1 <none> * process://1.0" },
      { run: "taint node {node} a=b:PreferNoSchedule", says: "node/{node} tainted" },
      { run: "taint node {node} a=b:PreferNoSchedule", complains: "error: node {node} already has a taint(s) with same effect(s) and --overwrite is false" },
      { run: "taint node {node} a=c:PreferNoSchedule --overwrite", says: "node/{node} modified" },
      { run: "taint node {node} a-", says: "node/{node} untainted" },
      { run: "label node {node} node-role.kubernetes.io/all=", says: "node/{node} labeled" },
      { run: "get node {node} --no-headers", says: "{node} Ready all * v1.33.0" },
      { run: "label node {node} node-role.kubernetes.io/all-", says: "node/{node} unlabeled" },
      { run: "create deployment drained --image=busybox:1 --replicas=2 -- sleep 100000", says: "deployment.apps/drained created" },
      { run: "create pdb drained --selector=app=drained --min-available=1", says: "poddisruptionbudget.policy/drained created" },
      { run: "run alone --image=busybox:1 -- sleep 100000", says: "pod/alone created" },
      { run: "rollout status deployment/drained --timeout=60s", says: '...\ndeployment "drained" successfully rolled out' },
      { run: "get pdb", isEventual: true, says: "NAME MIN AVAILABLE MAX UNAVAILABLE ALLOWED DISRUPTIONS AGE\ndrained 1 N/A 1 *" },
      { run: "describe pdb drained", says: "Name: drained\nNamespace: {ns}\nMin available: 1\nSelector: app=drained\nStatus:\nAllowed disruptions: 1\nCurrent: 2\nDesired: 1\nTotal: 2\nEvents: *\n..." },
      { run: "cordon {node}", says: "node/{node} cordoned" },
      { run: "cordon {node}", says: "node/{node} already cordoned" },
      { run: "get node {node} --no-headers", says: "{node} Ready,SchedulingDisabled <none> * v1.33.0" },
      { run: "drain {node} --timeout=5s", complains: '...\n*Pods*declare no controller (use --force to override): *{ns}/alone*\n...', says: "node/{node} already cordoned", },
      { run: "drain {node} --pod-selector=app=drained --timeout=3s", says: "...\npod/drained-* evicted\n...", complains: `...
        error when evicting pods/"drained-*" -n "{ns}" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.
        ...` },
      { run: "get pdb drained --no-headers", isEventual: true, says: "drained 1 N/A 0 *" },
      { run: "delete pdb drained", says: 'poddisruptionbudget.policy "drained" deleted' },
      { run: "drain {node} --pod-selector=app=drained --timeout=60s", says: "node/{node} already cordoned\n...\npod/drained-* evicted\n...\nnode/{node} drained" },
      { run: "uncordon {node}", says: "node/{node} uncordoned" },
      { run: "uncordon {node}", says: "node/{node} already uncordoned" },
      { run: "rollout status deployment/drained --timeout=60s", says: '...\ndeployment "drained" successfully rolled out' },
      { run: "top node", complains: "error: Metrics API not available" },
      { run: "top pod", complains: "error: Metrics API not available" },
      { run: "describe node {node}", says: "Name: {node}\nRoles: <none>\nLabels: *\n...\nTaints: <none>\nUnschedulable: false\nLease:\n...\nConditions:\n...\nReady True *\n...\nAllocatable:\n...\nNon-terminated Pods: (* in total)\n...\n{ns} alone *\n..." },
    ],
  },
];
