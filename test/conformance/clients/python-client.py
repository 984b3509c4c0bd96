"""What users of Debian's python3-kubernetes do, against the API of a kubeconfig. Prints one JSON object: per check "ok" or what went wrong."""

import json
import sys
import time
import traceback

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import portforward, stream

config.load_kube_config(sys.argv[1])
core = client.CoreV1Api()
apps = client.AppsV1Api()
checks = []


def check(function):
    checks.append(function)
    return function


def equal(found, wanted):
    if found != wanted:
        raise AssertionError("wanted %r, found %r" % (wanted, found))


def config_map(name, data=None, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def failure(call):
    try:
        call()
    except ApiException as error:
        return error.status, json.loads(error.body)
    raise AssertionError("the call succeeded")


@check
def objects_are_created_read_replaced_and_deleted():
    made = core.create_namespaced_config_map("default", config_map("py", {"a": "1"}))
    made.data = {"a": "2"}
    equal(core.replace_namespaced_config_map("py", "default", made).data, {"a": "2"})
    equal(core.read_namespaced_config_map("py", "default").data, {"a": "2"})
    equal(core.delete_namespaced_config_map("py", "default").status, "Success")
    equal(failure(lambda: core.read_namespaced_config_map("py", "default"))[0], 404)


@check
def lists_come_in_pages():
    for index in range(5):
        core.create_namespaced_config_map("default", config_map("py-%d" % index, labels={"py": "yes"}))
    names, token = [], None
    while True:
        page = core.list_namespaced_config_map("default", label_selector="py=yes", limit=2, _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    equal(names, ["py-%d" % index for index in range(5)])


@check
def patches_are_strategic_merge_and_json():
    core.create_namespaced_config_map("default", config_map("py-patch", {"a": "1"}))
    equal(core.patch_namespaced_config_map("py-patch", "default", {"data": {"b": "2"}}).data, {"a": "1", "b": "2"})
    equal(core.patch_namespaced_config_map("py-patch", "default", [{"op": "remove", "path": "/data/a"}]).data, {"b": "2"})


@check
def deployments_are_scaled_and_read_as_types():
    body = client.V1Deployment(
        metadata=client.V1ObjectMeta(name="py"),
        spec=client.V1DeploymentSpec(
            replicas=1, selector=client.V1LabelSelector(match_labels={"app": "py"}),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels={"app": "py"}),
                spec=client.V1PodSpec(containers=[client.V1Container(name="main", image="demo:1", resources=client.V1ResourceRequirements(requests={"cpu": "0.5"}))]))))
    made = apps.create_namespaced_deployment("default", body)
    equal(made.spec.template.spec.containers[0].resources.requests, {"cpu": "500m"})
    equal(made.metadata.creation_timestamp.tzinfo is not None, True)
    apps.patch_namespaced_deployment_scale("py", "default", {"spec": {"replicas": 4}})
    equal(apps.read_namespaced_deployment_scale("py", "default").spec.replicas, 4)
    made = apps.read_namespaced_deployment("py", "default")
    made.spec.template.spec.containers[0].image = "demo:2"
    equal(apps.replace_namespaced_deployment("py", "default", made).metadata.generation, 3)
    apps.delete_namespaced_deployment("py", "default", propagation_policy="Foreground")


@check
def watches_tell_of_changes():
    version = core.list_namespaced_config_map("default").metadata.resource_version
    core.create_namespaced_config_map("default", config_map("py-watched"))
    core.delete_namespaced_config_map("py-watched", "default")
    seen = []
    watcher = watch.Watch()
    for event in watcher.stream(core.list_namespaced_config_map, "default", resource_version=version, timeout_seconds=5):
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == 2:
            watcher.stop()
    equal(seen, [("ADDED", "py-watched"), ("DELETED", "py-watched")])


@check
def failures_say_status_and_reason():
    core.create_namespaced_config_map("default", config_map("py-there"))
    status, body = failure(lambda: core.create_namespaced_config_map("default", config_map("py-there")))
    equal((status, body["reason"], body["message"]), (409, "AlreadyExists", 'configmaps "py-there" already exists'))
    status, body = failure(lambda: core.create_namespaced_service("default", client.V1Service(metadata=client.V1ObjectMeta(name="py"), spec=client.V1ServiceSpec(ports=[client.V1ServicePort(port=99999)]))))
    equal((status, body["reason"], body["details"]["causes"][0]["field"]), (422, "Invalid", "spec.ports[0].port"))


@check
def the_dynamic_client_applies_on_the_server():
    dynamic_client = dynamic.DynamicClient(client.ApiClient())
    maps = dynamic_client.resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "py-applied"}, "data": {"a": "1"}}
    apply = lambda manager, data, force=False: dynamic_client.patch(
        maps, body=json.dumps({**body, "data": data}), name="py-applied", namespace="default", content_type="application/apply-patch+yaml", field_manager=manager, force=force)
    equal(apply("first", {"a": "1"}).data.a, "1")
    try:
        apply("second", {"a": "2"})
        raise AssertionError("no conflict")
    except dynamic.exceptions.ConflictError as error:
        equal('conflict with "first": .data.a' in json.loads(error.body)["message"], True)
    equal(len(maps.get(namespace="default", label_selector="py=yes").items), 5)


@check
def files_are_created_from_yaml():
    utils.create_from_dict(client.ApiClient(), {"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "py-yaml", "namespace": "default"}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "py-yaml", "namespace": "default"}, "rules": []}]})
    equal(client.RbacAuthorizationV1Api().read_namespaced_role("py-yaml", "default").rules in (None, []), True)


@check
def logs_are_read_and_followed():
    equal(core.read_namespaced_pod_log("web", "default", container="main", limit_bytes=3), "up\n")
    lines = []
    watcher = watch.Watch()
    for line in watcher.stream(core.read_namespaced_pod_log, "web", "default", container="main", tail_lines=1):
        lines.append(line)
        if len(lines) == 3:
            break
    equal(lines, ["tick"] * 3)


@check
def programs_run_in_a_pod():
    equal(stream(core.connect_get_namespaced_pod_exec, "web", "default", command=["echo", "hello"], stdout=True, stderr=True, stdin=False, tty=False), "hello\n")
    session = stream(core.connect_get_namespaced_pod_exec, "web", "default", command=["sh", "-c", "head -c 5; exit 3"], stdout=True, stderr=True, stdin=True, tty=False, _preload_content=False)
    session.write_stdin("typed")
    session.run_forever(timeout=10)
    equal((session.read_stdout(), session.returncode), ("typed", 3))


@check
def ports_are_forwarded():
    forward = portforward(core.connect_get_namespaced_pod_portforward, "web", "default", ports="8080")
    connection = forward.socket(8080)
    connection.setblocking(True)
    connection.settimeout(10)
    connection.sendall(b"POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd")
    heard, deadline = b"", time.monotonic() + 10
    while b"heard 4" not in heard and time.monotonic() < deadline:
        heard += connection.recv(1024)
    equal(heard.startswith(b"HTTP/1.1 200 OK"), True)
    connection.close()


@check
def discovery_and_version_are_there():
    equal("v1" in client.CoreApi().get_api_versions().versions, True)
    equal("apps" in [group.name for group in client.ApisApi().get_api_versions().groups], True)
    equal(client.VersionApi().get_code().git_version.startswith("v1."), True)


@check
def rights_are_asked():
    review = client.AuthorizationV1Api().create_self_subject_access_review(client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=client.V1ResourceAttributes(verb="get", resource="pods"))))
    equal(review.status.allowed, True)


results = {}
for function in checks:
    try:
        function()
        results[function.__name__] = "ok"
    except Exception:
        results[function.__name__] = traceback.format_exc()
print(json.dumps(results))
