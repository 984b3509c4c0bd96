import type { Story } from "../story.ts";

/** Sleeps for longer than any test. */
const sleep = "-- sleep 100000";

/** `kubectl create` of every kind it has a command for, `run`, `expose` and `autoscale`. */
export const creating: readonly Story[] = [
  {
    title: "create makes every kind it has a command for",
    rows: [
      { run: `create deployment web --image=busybox:1 --replicas=1 ${sleep}`, says: "deployment.apps/web created" },
      { run: "create deployment web --image=busybox:1", complains: 'error: failed to create deployment: deployments.apps "web" already exists' },
      { run: "create service clusterip web --tcp=80:8080", says: "service/web created" },
      { run: "create service clusterip none --clusterip=None --tcp=80", says: "service/none created" },
      { run: "create service nodeport port --tcp=80:8080", says: "service/port created" },
      { run: "create service loadbalancer balanced --tcp=443:8443", says: "service/balanced created" },
      { run: "create service externalname outside --external-name=example.com", says: "service/outside created" },
      { run: "create service nodeport port2 --tcp=80 --node-port=1", complains: 'error: failed to create NodePort service: Service "port2" is invalid: spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767' },
      {
        run: "get services", says: `NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE
          balanced LoadBalancer 127.*.*.* <pending> 443:3*/TCP *
          none ClusterIP None <none> 80/TCP *
          outside ExternalName <none> example.com <none> *
          port NodePort 127.*.*.* <none> 80:3*/TCP *
          web ClusterIP 127.*.*.* <none> 80/TCP *`,
      },
      { run: "get endpointslices -l kubernetes.io/service-name=web", isEventual: true, says: "NAME ADDRESSTYPE PORTS ENDPOINTS AGE\nweb-* IPv4 8080 127.*.*.* *" },
      { run: "create configmap settings --from-literal=a=1 --from-literal=b=2", says: "configmap/settings created" },
      { run: "create secret generic key --from-literal=a=1", says: "secret/key created" },
      { run: "create secret docker-registry pull --docker-server=x --docker-username=u --docker-password=p", says: "secret/pull created" },
      { run: "create secret tls cert --cert={home}/cert.pem --key={home}/key.pem", says: "secret/cert created" },
      { run: "get secrets", says: "NAME TYPE DATA AGE\ncert kubernetes.io/tls 2 *\nkey Opaque 1 *\npull kubernetes.io/dockerconfigjson 1 *" },
      { run: "create serviceaccount robot", says: "serviceaccount/robot created" },
      { run: "create token robot", says: "*.*.*" },
      { run: "create token robot --duration=1h --audience=x -o 'jsonpath={.spec.audiences} {.spec.expirationSeconds}'", says: '["x"] 3600' },
      { run: "create token nobody", complains: 'error: failed to create token: serviceaccounts "nobody" not found' },
      { run: "create role reader --verb=get,list --resource=pods,deployments.apps", says: "role.rbac.authorization.k8s.io/reader created" },
      { run: "create clusterrole {ns}-cluster --verb=get --non-resource-url=/healthz", says: "clusterrole.rbac.authorization.k8s.io/{ns}-cluster created" },
      { run: "create rolebinding readers --role=reader --serviceaccount={ns}:robot", says: "rolebinding.rbac.authorization.k8s.io/readers created" },
      { run: "create clusterrolebinding {ns}-health --clusterrole={ns}-cluster --user=jane --group=people", says: "clusterrolebinding.rbac.authorization.k8s.io/{ns}-health created" },
      { run: "get rolebindings -o wide", says: "NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS\nreaders Role/reader * {ns}/robot" },
      { run: "get clusterrolebinding {ns}-health -o wide", says: "NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS\n{ns}-health ClusterRole/{ns}-cluster * jane people" },
      { run: "create quota few --hard=pods=20,configmaps=10", says: "resourcequota/few created" },
      { run: "get quota few --no-headers", isEventual: true, says: "few *configmaps: 2/10, pods: */20 *" },
      { run: "create pdb most --selector=app=web --min-available=1", says: "poddisruptionbudget.policy/most created" },
      { run: "get pdb most --no-headers", isEventual: true, says: "most 1 N/A 0 *" },
      { run: "create priorityclass {ns}-high --value=1000 --description=urgent --preemption-policy=Never", says: "priorityclass.scheduling.k8s.io/{ns}-high created" },
      { run: "get priorityclass {ns}-high", from: "1.30", says: "NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY\n{ns}-high 1000 false * Never" },
      { run: "create ingress front --rule=foo.com/bar=web:80,tls=cert --rule='foo.com/x*=web:http' --class=nginx", says: "ingress.networking.k8s.io/front created" },
      { run: "get ingress front", says: "NAME CLASS HOSTS ADDRESS PORTS AGE\nfront nginx foo.com 80, 443 *" },
      { run: "create job once --image=busybox:1 -- date", says: "job.batch/once created" },
      { run: "create cronjob often --image=busybox:1 --schedule='*/5 * * * *' -- date", says: "cronjob.batch/often created" },
      { run: "create cronjob wrong --image=busybox:1 --schedule=often -- date", complains: 'error: failed to create cronjob: CronJob.batch "wrong" is invalid: spec.schedule: Invalid value: "often": *' },
      { run: "create job now --from=cronjob/often", says: "job.batch/now created" },
      { run: "get cronjob often", says: "NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST SCHEDULE AGE\noften */5 * * * * <none> False * *" },
      { run: "create namespace {ns}-more", says: "namespace/{ns}-more created" },
      { run: "create namespace Wrong_", complains: 'The Namespace "Wrong_" is invalid: \n* metadata.name: Invalid value: "Wrong_": a lowercase RFC 1123 label must consist of *\n...' },
      { run: "delete namespace {ns}-more", says: 'namespace "{ns}-more" deleted' },
      { run: "delete clusterrole/{ns}-cluster clusterrolebinding/{ns}-health priorityclass/{ns}-high", says: 'clusterrole.rbac.authorization.k8s.io "{ns}-cluster" deleted\nclusterrolebinding.rbac.authorization.k8s.io "{ns}-health" deleted\npriorityclass.scheduling.k8s.io "{ns}-high" deleted' },
    ],
  },
  {
    title: "run, expose and autoscale make what they name",
    rows: [
      { run: `run one --image=busybox:1 --port=80 --labels=app=one --env=A=b --restart=Never ${sleep}`, says: "pod/one created" },
      { run: "run one --image=busybox:1", complains: 'Error from server (AlreadyExists): pods "one" already exists' },
      { run: "run two --image=busybox:1 --dry-run=server -o name", says: "pod/two" },
      { run: "expose pod one --port=80 --target-port=8080 --name=front", says: "service/front exposed" },
      { run: "get service front -o 'jsonpath={.spec.selector} {.spec.ports[0].port}:{.spec.ports[0].targetPort}'", says: '{"app":"one"} 80:8080' },
      { run: `create deployment web --image=busybox:1 ${sleep}`, says: "deployment.apps/web created" },
      { run: "expose deployment web --port=80", says: "service/web exposed" },
      { run: "autoscale deployment web --min=1 --max=5 --cpu-percent=80", says: "horizontalpodautoscaler.autoscaling/web autoscaled" },
      { run: "get hpa --no-headers", says: "web Deployment/web *<unknown>/80% 1 5 * *" },
      { run: "get hpa web -o 'jsonpath={.apiVersion} {.spec.metrics[0].resource.target.averageUtilization}'", says: "autoscaling/v2 80" },
      { run: "get horizontalpodautoscalers.v1.autoscaling web -o 'jsonpath={.apiVersion} {.spec.targetCPUUtilizationPercentage}'", says: "autoscaling/v1 80" },
    ],
  },
];
