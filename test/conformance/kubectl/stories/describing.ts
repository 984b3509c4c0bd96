import type { Story } from "../story.ts";

/** describe of kinds that run nothing. */
export const describing: readonly Story[] = [
  {
    title: "describe tells of every common kind",
    rows: [
      { run: "create configmap c --from-literal=a=1", says: "configmap/c created" },
      { run: "describe configmap c", says: "Name: c\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\n\nData\n====\na:\n----\n1\n...\nEvents: <none>" },
      { run: "create secret generic s --from-literal=a=12", says: "secret/s created" },
      { run: "describe secret s", says: "Name: s\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\n\nType: Opaque\n\nData\n====\na: 2 bytes" },
      { run: "create deployment web --image=busybox:1 --replicas=0", says: "deployment.apps/web created" },
      {
        run: "describe deployment web", isEventual: true, says: `Name: web
          Namespace: {ns}
          CreationTimestamp: *
          Labels: app=web
          Annotations: deployment.kubernetes.io/revision: 1
          Selector: app=web
          Replicas: 0 desired | 0 updated | 0 total | 0 available | 0 unavailable
          StrategyType: RollingUpdate
          MinReadySeconds: 0
          RollingUpdateStrategy: 25% max unavailable, 25% max surge
          Pod Template:
          Labels: app=web
          Containers:
          busybox:
          Image: busybox:1
          ...
          Conditions:
          Type Status Reason
          ---- ------ ------
          ...
          Available True MinimumReplicasAvailable
          ...
          OldReplicaSets: <none>
          NewReplicaSet: web-* (0/0 replicas created)
          Events:*
          ...`,
      },
      { run: "describe rs -l app=web", says: "Name: web-*\nNamespace: {ns}\nSelector: app=web,pod-template-hash=*\nLabels: app=web\npod-template-hash=*\nAnnotations: deployment.kubernetes.io/desired-replicas: 0\ndeployment.kubernetes.io/max-replicas: 0\ndeployment.kubernetes.io/revision: 1\nControlled By: Deployment/web\nReplicas: 0 current / 0 desired\nPods Status: 0 Running / 0 Waiting / 0 Succeeded / 0 Failed\n..." },
      { run: "create service clusterip web --tcp=80:8080", says: "service/web created" },
      { run: "describe service web", says: "Name: web\nNamespace: {ns}\nLabels: app=web\nAnnotations: <none>\nSelector: app=web\nType: ClusterIP\nIP Family Policy: SingleStack\nIP Families: IPv4\nIP: 127.*\nIPs: 127.*\nPort: 80-8080 80/TCP\nTargetPort: 8080/TCP\nEndpoints:*\nSession Affinity: None\n...\nEvents: <none>" },
      { run: "create ingress front --rule='foo.com/bar=web:80'", says: "ingress.networking.k8s.io/front created" },
      { run: "describe ingress front", says: "Name: front\nLabels: <none>\nNamespace: {ns}\nAddress:*\nIngress Class: <none>\nDefault backend: <default>\nRules:\nHost Path Backends\n---- ---- --------\nfoo.com\n/bar web:80 (*)\nAnnotations: <none>\nEvents: <none>" },
      { run: "create serviceaccount robot", says: "serviceaccount/robot created" },
      { run: "describe serviceaccount robot", to: "1.34", says: "Name: robot\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\nImage pull secrets: <none>\nMountable secrets: <none>\nTokens: <none>\nEvents: <none>" },
      { run: "describe serviceaccount robot", from: "1.35", says: "Name: robot\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\nImage pull secrets: <none>\nEvents: <none>" },
      { run: "create role reader --verb=get,list --resource=pods", says: "role.rbac.authorization.k8s.io/reader created" },
      { run: "describe role reader", says: "Name: reader\nLabels: <none>\nAnnotations: <none>\nPolicyRule:\nResources Non-Resource URLs Resource Names Verbs\n--------- ----------------- -------------- -----\npods [] [] [get list]" },
      { run: "create rolebinding readers --role=reader --user=jane", says: "rolebinding.rbac.authorization.k8s.io/readers created" },
      { run: "describe rolebinding readers", says: "Name: readers\nLabels: <none>\nAnnotations: <none>\nRole:\nKind: Role\nName: reader\nSubjects:\nKind Name Namespace\n---- ---- ---------\nUser jane" },
      { run: "create quota few --hard=configmaps=10", says: "resourcequota/few created" },
      { run: "describe quota few", isEventual: true, says: "Name: few\nNamespace: {ns}\nResource Used Hard\n-------- ---- ----\nconfigmaps 2 10" },
      { run: "describe namespace {ns}", says: "Name: {ns}\nLabels: kubernetes.io/metadata.name={ns}\nAnnotations: <none>\nStatus: Active\n\nResource Quotas\nName: few\nResource Used Hard\n-------- --- ---\nconfigmaps 2 10\n\nNo LimitRange resource." },
      { run: "create job once --image=busybox:1 --dry-run=client -o name -- date", says: "job.batch/once" },
      { run: "create cronjob often --image=busybox:1 --schedule='0 0 1 1 *' -- date", says: "cronjob.batch/often created" },
      { run: "describe cronjob often", says: "Name: often\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\nSchedule: 0 0 1 1 *\nConcurrency Policy: Allow\nSuspend: False\nSuccessful Job History Limit: 3\nFailed Job History Limit: 1\nStarting Deadline Seconds: <unset>\nSelector: <unset>\nParallelism: <unset>\nCompletions: <unset>\nPod Template:\n...\nLast Schedule Time: <unset>\nActive Jobs: <none>\nEvents: <none>" },
      { run: "autoscale deployment web --min=1 --max=3", says: "horizontalpodautoscaler.autoscaling/web autoscaled" },
      { run: "describe hpa web", says: "Name: web\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\nCreationTimestamp: *\nReference: Deployment/web\n...\nMin replicas: 1\nMax replicas: 3\n..." },
      { run: "describe clusterrole system:basic-user", says: "Name: system:basic-user\nLabels: kubernetes.io/bootstrapping=rbac-defaults\nAnnotations: rbac.authorization.kubernetes.io/autoupdate: true\nPolicyRule:\n...\nselfsubjectreviews.authentication.k8s.io [] [] [create]\n..." },
      { run: "describe configmap nothing", complains: 'Error from server (NotFound): configmaps "nothing" not found' },
    ],
  },
];
