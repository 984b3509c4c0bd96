import type { Story } from "../kubectl/story.ts";

const deployed = (revision: number) => `LAST DEPLOYED: *\nNAMESPACE: {ns}\nSTATUS: deployed\nREVISION: ${revision}`;

/** Releases as Helm's users keep them; `{home}/shop` is the chart. */
export const releases: readonly Story[] = [
  {
    title: "a release is installed, upgraded, tested, rolled back and uninstalled",
    rows: [
      { by: "helm", run: "install shop {home}/shop --wait --timeout 60s", says: `NAME: shop\n${deployed(1)}\n...\nNOTES:\nGreeting is hello.` },
      { by: "helm", run: "install shop {home}/shop", complains: "...\nError: INSTALLATION FAILED: *cannot re*use a name that is still in use" },
      { by: "helm", run: "list --short", says: "shop" },
      { run: "get deployment shop --no-headers", says: "shop 1/1 1 1 *" },
      { run: "get rate shop -o jsonpath={.spec.percent}", says: "5" },
      { run: "get configmap shop -o jsonpath={.data}", says: '{"found":"kube-root-ca.crt","greeting":"hello","has":"true","version":"v1.33.0*"}' },
      { run: "get pod shop-before", complains: 'Error from server (NotFound): pods "shop-before" not found' },
      { by: "helm", run: "upgrade shop {home}/shop --set replicas=2,greeting=moin --wait", says: `Release "shop" has been upgraded. Happy Helming!\nNAME: shop\n${deployed(2)}\n...\nGreeting is moin.` },
      { run: "get deployment shop --no-headers", says: "shop 2/2 2 2 *" },
      { by: "helm", run: "get values shop", says: "USER-SUPPLIED VALUES:\ngreeting: moin\nreplicas: 2" },
      { by: "helm", run: "get notes shop", says: "NOTES:\nGreeting is moin." },
      { by: "helm", run: "test shop --logs", says: "NAME: shop\n...\nTEST SUITE: shop-test\n...\nPhase: Succeeded\n...\nPOD LOGS: shop-test\ntested" },
      { by: "helm", run: "rollback shop 1 --wait", says: "Rollback was a success! Happy Helming!" },
      { run: "get configmap shop -o jsonpath={.data.greeting}", says: "hello" },
      { by: "helm", run: "history shop", says: "REVISION UPDATED STATUS CHART APP VERSION DESCRIPTION\n1 * superseded shop-1.0.0 1.0 Install complete\n2 * superseded shop-1.0.0 1.0 Upgrade complete\n3 * deployed shop-1.0.0 1.0 Rollback to 1" },
      { by: "helm", run: "uninstall shop --wait", says: 'release "shop" uninstalled' },
      { by: "helm", run: "list --short" },
      { run: "get deployments,services,configmaps,rates -o name", says: "configmap/kube-root-ca.crt" },
      { by: "helm", run: "status shop", complains: "Error: release: not found" },
    ],
  },
  {
    title: "an upgrade that does not become ready is rolled back",
    rows: [
      { by: "helm", run: "upgrade --install shop {home}/shop --wait", says: `Release "shop" does not exist. Installing it now.\nNAME: shop\n${deployed(1)}\n...` },
      { by: "helm", run: "upgrade shop {home}/shop --set isBroken=true --atomic --wait --timeout 4s", complains: "...\nError: UPGRADE FAILED: release shop failed, and has been rolled back due to atomic being set: *", to: "3.99" },
      { by: "helm", run: "upgrade shop {home}/shop --set isBroken=true --rollback-on-failure --wait --timeout 4s", complains: "...\nError: UPGRADE FAILED: release shop failed, and has been rolled back due to rollback-on-failure being set: *\n...", from: "4.0" },
      { by: "helm", run: "history shop --max 3", says: "REVISION *\n1 * superseded * Install complete\n2 * failed *\n...\n3 * deployed * Rollback to 1" },
      { run: "get deployment shop -o jsonpath={.spec.template.spec.containers[0].readinessProbe.exec.command[0]}", says: "true" },
      { run: "rollout status deployment/shop", isEventual: true, says: '...\ndeployment "shop" successfully rolled out' },
    ],
  },
  {
    title: "what the API refuses is Helm's error, and a dry run asks the API and stores nothing",
    rows: [
      { by: "helm", run: "install shop {home}/shop --set replicas=many", complains: "...\nError: INSTALLATION FAILED: *\n..." },
      { by: "helm", run: "list --failed --short", says: "shop", from: "3.13" },
      { run: "get deployments -o name" },
      { by: "helm", run: "uninstall shop", says: 'release "shop" uninstalled', from: "3.13" },
      { by: "helm", run: "install shop {home}/shop --dry-run=server", says: 'NAME: shop\n...\nSTATUS: pending-install\n...\nfound: "kube-root-ca.crt"\n...\nNOTES:\nGreeting is hello.', from: "3.13" },
      { run: "get configmaps,secrets -o name", says: "configmap/kube-root-ca.crt" },
    ],
  },
];
