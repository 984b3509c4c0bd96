import type { Story } from "../story.ts";

const pod = `apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: p}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: main, image: "busybox:1", command: [sh, -c, "echo one; echo two; exec sleep 100000"], env: [{name: A, value: b}]}
  - {name: side, image: "busybox:1", command: [sh, -c, "echo beside; exec sleep 100000"], resources: {limits: {memory: 64Mi}}}
`;

/** logs, exec, attach, cp, debug, events and describe of what runs. */
export const pods: readonly Story[] = [
  {
    title: "logs, exec, cp and events reach a pod that runs",
    rows: [
      { run: "apply -f -", input: pod, says: "pod/p created" },
      { run: "wait --for=condition=Ready pod/p --timeout=30s", says: "pod/p condition met" },
      { run: "get pod p", says: "NAME READY STATUS RESTARTS AGE\np 2/2 Running 0 *" },
      { run: "get pod p -o wide --no-headers", says: "p 2/2 Running 0 * 127.*.*.* {node} <none> <none>" },
      { run: "logs p -c main", isEventual: true, says: "one\ntwo" },
      { run: "logs p", isEventual: true, says: "one\ntwo" },
      { run: "logs p -c main --tail=1", says: "two" },
      { run: "logs p -c main --limit-bytes=2", says: "on" },
      { run: "logs p -c main --timestamps --tail=1", says: "20*T*:*:*Z two" },
      // In whichever order the containers are answered.
      { run: "logs p --all-containers --prefix", says: "...\n[pod/p/main] one\n[pod/p/main] two\n..." },
      { run: "logs -l app=p -c side", says: "beside" },
      { run: "logs p -c none", complains: "error: container none is not valid for pod p" },
      { run: "logs p -c main --previous", complains: 'Error from server (BadRequest): previous terminated container "main" in pod "p" not found' },
      { run: "logs none", complains: 'error: error from server (NotFound): pods "none" not found in namespace "{ns}"', from: "1.30" },
      { run: "exec p -c main -- sh -c 'echo $A'", says: "b" },
      { run: "exec p -c main -- sh -c 'exit 3'", code: 3, complains: "command terminated with exit code 3" },
      { run: "exec p -- true" },
      { run: "exec none -- true", complains: 'Error from server (NotFound): pods "none" not found' },
      { run: "exec -i p -c side -- cat", input: "typed\n", says: "typed" },
      { run: "cp {home}/cert.pem p:{home}/copied -c main" },
      { run: "cp p:{home}/copied {home}/back -c main", says: "*" },
      { run: "exec p -c main -- cmp {home}/cert.pem {home}/back" },
      { run: "events --for=pod/p", isEventual: true, says: "LAST SEEN TYPE REASON OBJECT MESSAGE\n* Normal Scheduled Pod/p Successfully assigned {ns}/p to {node}\n...\n* Normal Started Pod/p Container started" },
      { run: "events --types=Warning", says: "" },
      { run: "get events --field-selector involvedObject.name=p,reason=Scheduled --no-headers", says: "* Normal Scheduled pod/p Successfully assigned {ns}/p to {node}" },
      {
        run: "describe pod p", says: `Name: p
          Namespace: {ns}
          Priority: 0
          Service Account: default
          Node: {node}/127.0.0.1
          Start Time: *
          Labels: app=p
          Annotations: <none>
          Status: Running
          IP: 127.*
          IPs:
          IP: 127.*
          Containers:
          main:
          Container ID: process://*
          Image: busybox:1
          ...
          State: Running
          Started: *
          Ready: True
          Restart Count: 0
          Environment:
          A: b
          Mounts:
          /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-* (ro)
          side:
          ...
          Limits:
          memory: 64Mi
          Requests:
          memory: 64Mi
          ...
          Conditions:
          Type Status
          ...
          PodScheduled True
          Volumes:
          kube-api-access-*:
          Type: Projected (a volume that contains injected data from multiple sources)
          TokenExpirationSeconds: 3607
          ...
          QoS Class: Burstable
          Node-Selectors: <none>
          Tolerations: node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
          node.kubernetes.io/unreachable:NoExecute op=Exists for 300s
          Events:
          Type Reason Age From Message
          ---- ------ ---- ---- -------
          Normal Scheduled * default-scheduler Successfully assigned {ns}/p to {node}
          ...`,
      },
      { run: "debug p --image=busybox:1 --copy-to=copied --container=extra --attach=false -- sleep 100000" },
      { run: "get pod copied -o 'jsonpath={.spec.containers[*].name}'", says: "main side extra" },
      { run: "debug p --image=busybox:1 --container=guest --attach=false -- sleep 100000", says: "*" },
      { run: "get pod p -o 'jsonpath={.spec.ephemeralContainers[*].name}'", says: "guest" },
      { run: "get pod p -o 'jsonpath={.status.ephemeralContainerStatuses[0].state.running.startedAt}'", isEventual: true, says: "20*Z" },
      { run: "exec p -c guest -- echo hello", says: "hello" },
      { run: "debug node/{node} --image=busybox:1 --attach=false -- sleep 100000", says: "Creating debugging pod node-debugger-{node}-* with container debugger on node {node}." },
      { run: "delete pod --all --wait=false", says: 'pod "copied" deleted\npod "node-debugger-{node}-*" deleted\npod "p" deleted' },
    ],
  },
  {
    title: "run with --rm shows what the program says and leaves nothing",
    rows: [
      { run: "run once --rm -i --image=busybox:1 --restart=Never -- sh -c 'for n in 1 2 3 4 5 6 7 8 9; do echo hello; sleep 0.2; done'", says: '...\nhello*\n...\n*pod "once" deleted' },
      { run: "get pods -o name" },
    ],
  },
  {
    title: "run -i feeds a program to its end, and answers as it does",
    rows: [
      { run: "run fed -i --rm --quiet --image=none --restart=Never --command -- sh -c 'cat; echo over'", input: "one\ntwo\n", says: "one\ntwo\nover" },
      { run: "run failing -i --rm --image=none --restart=Never --command -- sh", input: "exit 3\n", code: 3, says: '...\npod "failing" deleted*', complains: "...\n*pod {ns}/failing terminated (Error)\n..." },
      { run: "run kept -i --image=none --restart=Never --leave-stdin-open --command -- sh -c 'while read -r word; do echo heard $word; [ $word != bye ] || exit 0; done'", input: "one\n", says: "*" },
      { run: "get pod kept -o 'jsonpath={.status.phase} {.spec.containers[0].stdin} {.spec.containers[0].stdinOnce}'", says: "Running true" },
      { run: "attach kept -i", input: "two\nbye\n", says: "..." },
      { run: "get pod kept -o 'jsonpath={.status.phase}'", says: "Succeeded", isEventual: true },
      { run: "logs kept", says: "heard one\nheard two\nheard bye" },
      { run: "get pods -o name", says: "pod/kept" },
      { run: "delete pod kept --wait=false", says: 'pod "kept" deleted*' },
    ],
  },
  {
    title: "a Service tells its endpoints in the old form and the new, and its address as an object",
    rows: [
      { run: "run back --image=none --labels=app=back --port=80 --command -- sleep 100000", says: "pod/back created" },
      { run: "expose pod back --port=80", says: "service/back exposed" },
      { run: "describe service back", says: "Name: back\n...\nEndpoints: 127.*:80\n...\nEvents: <none>", isEventual: true },
      { run: "get endpoints back --no-headers", says: "back 127.*:80 *" },
      { run: "get endpointslices -l kubernetes.io/service-name=back --no-headers", says: "back-* IPv4 80 127.* *" },
      { run: "get ipaddresses -o 'jsonpath={.items[?(@.spec.parentRef.namespace==\"{ns}\")].spec.parentRef.name}'", says: "back" },
      { run: "get servicecidr kubernetes -o 'jsonpath={.spec.cidrs[0]} {.status.conditions[0].type} {.status.conditions[0].status}'", says: "127.96.0.0/12 Ready True" },
      { run: "delete service back", says: 'service "back" deleted*' },
      { run: "get endpoints -o name", isEventual: true },
      { run: "get ipaddresses -o 'jsonpath={.items[?(@.spec.parentRef.namespace==\"{ns}\")].spec.parentRef.name}'" },
      { run: "delete pod back --wait=false", says: 'pod "back" deleted*' },
    ],
  },
  {
    title: "a container with a terminal shows one, also to who debugs it",
    rows: [
      { run: "run term -it --image=none --restart=Never --leave-stdin-open --command -- sh -c 'tty; read -r word; echo got $word; exec sleep 100000'", input: "typed\n", says: "...", complains: "...\nUnable to use a TTY - input is not a terminal or the right kind of file\n...", code: 0 },
      { run: "logs term", says: "...\n/dev/pts/*\n...\ngot typed", isEventual: true },
      { run: "exec term -- sh -c 'echo beside'", says: "beside" },
      { run: "debug term -it --image=none --container=guest -- sh -c 'tty; read -r word; echo guest got $word'", input: "more\n", says: "...", complains: "...\nUnable to use a TTY - input is not a terminal or the right kind of file\n...", code: 0 },
      { run: "logs term -c guest", says: "...\n/dev/pts/*\n...\nguest got more", isEventual: true },
      { run: "delete pod term --wait=false", says: 'pod "term" deleted*' },
    ],
  },
];
