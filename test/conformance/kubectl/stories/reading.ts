import type { Story } from "../story.ts";

const things = `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, labels: {app: x, rank: "2"}}, data: {k: two}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app: x, rank: "3"}}, data: {k: three, l: more}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: {app: z, rank: "1"}}, data: {k: one}}
- apiVersion: v1
  kind: Pod
  metadata: {name: p, labels: {app: x}}
  spec: {schedulerName: nobody, containers: [{name: main, image: "a:1"}, {name: side, image: "b:1"}]}
`;

/** `kubectl get` with every output and selection, and `explain`. */
export const reading: readonly Story[] = [
  {
    title: "get prints every output, sorted and selected",
    rows: [
      { run: "create -f -", input: things, says: "configmap/b created\nconfigmap/a created\nconfigmap/c created\npod/p created" },
      { run: "get configmaps -l app", says: "NAME DATA AGE\na 2 *\nb 1 *\nc 1 *" },
      { run: "get cm -l app=x -o name", says: "configmap/a\nconfigmap/b" },
      { run: "get cm -l 'app in (x,z),rank notin (1)' -o name", says: "configmap/a\nconfigmap/b" },
      { run: "get cm -l 'app!=x,app' -o name", says: "configmap/c" },
      { run: "get cm -l '!app' -o name", isEventual: true, says: "configmap/kube-root-ca.crt" },
      { run: "get cm -l 'a b'", complains: "*unable to parse requirement: *" },
      { run: "get cm -l app --sort-by=.metadata.labels.rank -o name", says: "configmap/c\nconfigmap/b\nconfigmap/a" },
      { run: "get cm -l app --sort-by='{.data.k}'", says: "NAME DATA AGE\nc 1 *\na 2 *\nb 1 *" },
      { run: "get cm -l app --show-labels --no-headers", says: "a 2 * app=x,rank=3\nb 1 * app=x,rank=2\nc 1 * app=z,rank=1" },
      { run: "get cm -l app -L app,rank", says: "NAME DATA AGE APP RANK\na 2 * x 3\nb 1 * x 2\nc 1 * z 1" },
      { run: "get cm -l app --chunk-size=1 -o name", says: "configmap/a\nconfigmap/b\nconfigmap/c" },
      { run: "get cm --field-selector metadata.name=b -o name", says: "configmap/b" },
      { run: "get cm -A --field-selector metadata.namespace={ns},metadata.name=b --no-headers", says: "{ns} b 1 *" },
      { run: "get cm --field-selector data.k=two", complains: 'Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "", field selector "data.k=two": "data.k" is not a known field selector: only "metadata.name", "metadata.namespace"' },
      { run: "get pods --field-selector status.phase=Pending,spec.nodeName= -o name", says: "pod/p" },
      { run: "get pods --field-selector status.phase!=Pending", says: "", },
      { run: "get cm b -o 'jsonpath={.metadata.name}={.data.k}'", says: "b=two" },
      { run: "get cm -l app -o 'jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}'", says: "a\nb\nc" },
      { run: "get cm b -o 'go-template={{.data.k}}'", says: "two" },
      { run: "get cm -l app -o 'custom-columns=NAME:.metadata.name,K:.data.k,L:.data.l'", says: "NAME K L\na three more\nb two <none>\nc one <none>" },
      { run: "get cm b -o yaml", says: "apiVersion: v1\ndata:\nk: two\nkind: ConfigMap\nmetadata:\ncreationTimestamp: *\nlabels:\napp: x\nrank: \"2\"\nname: b\nnamespace: {ns}\nresourceVersion: *\nuid: *" },
      { run: "get cm b -o json", says: '{\n"apiVersion": "v1",\n"data": {\n"k": "two"\n},\n"kind": "ConfigMap",\n...' },
      { run: "get pod p", says: "NAME READY STATUS RESTARTS AGE\np 0/2 Pending 0 *" },
      { run: "get pod p -o wide", says: "NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES\np 0/2 Pending 0 * <none> <none> <none> <none>" },
      { run: "get pod/p configmap/a", says: "NAME READY STATUS RESTARTS AGE\npod/p 0/2 Pending 0 *\n\nNAME DATA AGE\nconfigmap/a 2 *" },
      { run: "get all -o name", says: "pod/p" },
      { run: "get cm a nothing -o name", says: "configmap/a", complains: 'Error from server (NotFound): configmaps "nothing" not found' },
      { run: "get cm nothing --ignore-not-found" },
      { run: "get nothings", complains: 'error: the server doesn\'t have a resource type "nothings"' },
      { run: "get namespace {ns} --no-headers", says: "{ns} Active *" },
      { run: "get --raw /api/v1/namespaces/{ns}/configmaps/b", says: '{"kind":"ConfigMap","apiVersion":"v1","metadata":{*"name":"b",*},"data":{"k":"two"}}' },
      { run: "get --raw /", says: '{"paths":[*"/apis/apps/v1",*"/openapi/v3",*]}' },
      { run: "get --raw '/readyz?verbose'", says: "[+]ping ok\n...\nreadyz check passed" },
    ],
  },
  {
    title: "what is served is told",
    rows: [
      { run: "version", from: "1.28", says: "Client Version: *\nKustomize Version: *\nServer Version: v1.33.0+capstan" },
      { run: "cluster-info", says: "*Kubernetes control plane* is running at *https://127.0.0.1:*\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'." },
      { run: "api-versions", says: "...\napps/v1\n...\nautoscaling/v1\nautoscaling/v2\nbatch/v1\ncapstan.dev/v1\n...\nv1\n..." },
      {
        run: "api-resources --api-group=apps", says: `NAME SHORTNAMES APIVERSION NAMESPACED KIND
          controllerrevisions apps/v1 true ControllerRevision
          daemonsets ds apps/v1 true DaemonSet
          deployments deploy apps/v1 true Deployment
          replicasets rs apps/v1 true ReplicaSet
          statefulsets sts apps/v1 true StatefulSet`,
      },
      { run: "api-resources --api-group=rbac.authorization.k8s.io --namespaced=false -o name", says: "clusterrolebindings.rbac.authorization.k8s.io\nclusterroles.rbac.authorization.k8s.io" },
      { run: "api-resources --verbs=create --api-group=authentication.k8s.io --no-headers", says: "selfsubjectreviews authentication.k8s.io/v1 false SelfSubjectReview\ntokenreviews authentication.k8s.io/v1 false TokenReview" },
      { run: "api-resources --namespaced=false --api-group= -o name --verbs=list", says: "componentstatuses\nnamespaces\nnodes\npersistentvolumes" },
      { run: "api-resources --verbs=create --api-group= --no-headers", says: "bindings v1 true Binding\n..." },
      { run: "get cs", says: "NAME STATUS MESSAGE ERROR\nscheduler Healthy ok\ncontroller-manager Healthy ok\netcd-0 Healthy ok", complains: "Warning: v1 ComponentStatus is deprecated in v1.19+", code: 0 },
      { run: "get cs scheduler -o 'jsonpath={.conditions[0].type} {.conditions[0].status}'", says: "Healthy True" },
      { run: "get cs nothing", complains: "Warning: v1 ComponentStatus is deprecated in v1.19+\nError from server (NotFound): componentstatuses \"nothing\" not found" },
      { run: "api-resources --categories=all -o name --api-group=batch", says: "cronjobs.batch\njobs.batch" },
    ],
  },
  {
    title: "explain tells of kinds and fields in words, all at once, and of fields that are not there",
    rows: [
      { run: "explain deployment", says: "GROUP: apps\nKIND: Deployment\nVERSION: v1\n\nDESCRIPTION:\nKeeps pods of one template running in the number you want, and replaces them\nstep by step when the template changes.\n...\nFIELDS:\napiVersion <string>\n...\nspec <DeploymentSpec>*\nThe pods you want and how they are replaced.\n\nstatus <DeploymentStatus>\nHow far the newest template has come." },
      { run: "explain pods.spec.containers.imagePullPolicy", says: "KIND: Pod\nVERSION: v1\n\nFIELD: imagePullPolicy <string>\n...\nDESCRIPTION:\nWhen the image is fetched: Always, IfNotPresent or Never.*\n..." },
      { run: "explain pods.spec.containers.imagePullPolicy", from: "1.30", says: "KIND: Pod\nVERSION: v1\n\nFIELD: imagePullPolicy <string>\nENUM:\nAlways\nIfNotPresent\nNever\n\nDESCRIPTION:\n..." },
      { run: "explain deploy.spec.strategy --recursive", from: "1.30", says: "GROUP: apps\nKIND: Deployment\nVERSION: v1\n\nFIELD: strategy <DeploymentStrategy>\n\n\nDESCRIPTION:\n...\nHow old pods give way to new ones*\n...\nFIELDS:\nrollingUpdate <RollingUpdateDeployment>\nmaxSurge <IntOrString>\nmaxUnavailable <IntOrString>\ntype <string>\nenum: Recreate, RollingUpdate" },
      { run: "explain hpa.spec --api-version=autoscaling/v1", says: "GROUP: autoscaling\nKIND: HorizontalPodAutoscaler\nVERSION: v1\n\nFIELD: spec <HorizontalPodAutoscalerSpec>*\n...\nminReplicas <integer>\nThe fewest pods*\n..." },
      { run: "explain pod.spec.nothing", complains: '*field "nothing" does not exist', says: "*\n..." },
      { run: "explain nothings", complains: `*the server doesn't have a resource type "nothings"` },
      { run: "explain application.spec.source", says: "GROUP: capstan.dev\nKIND: Application\nVERSION: v1\n\nFIELD: source <ApplicationSource>*\n...\nrepoURL <string>*\nAddress of the repository*\n..." },
    ],
  },
];
