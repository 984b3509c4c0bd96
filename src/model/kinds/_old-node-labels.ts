/** Labels of nodes that went out of use, and what is said of them. */
const oldLabels: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ["beta.kubernetes.io/os", 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["failure-domain.beta.kubernetes.io/region", 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ["failure-domain.beta.kubernetes.io/zone", 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ["beta.kubernetes.io/instance-type", 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ["app.kubernetes.io/created-by", "deprecated since v1.9"],
  ["scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"],
  ["node-role.kubernetes.io/master", 'use "node-role.kubernetes.io/control-plane" instead'],
]);

/** What is said of labels that nodes are chosen by: one text for each that is out of use. @see kubernetes pkg/api/node/util.go */
export function warnOfLabels(keys: Iterable<string>, print: (key: string, message: string) => string): readonly string[] {
  return [...keys].flatMap((key) => {
    const message = oldLabels.get(key);
    return message === undefined ? [] : [print(key, message)];
  });
}

/** The same for terms of a node selector. */
export function warnOfTerm(term: { readonly matchExpressions?: readonly { readonly key: string }[] }, path: string): readonly string[] {
  return (term.matchExpressions ?? []).flatMap(({ key }, index) => warnOfLabels([key], (label, message) => `${path}.matchExpressions[${index}].key: ${label} is ${message}`));
}
