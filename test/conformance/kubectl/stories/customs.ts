import type { Story } from "../story.ts";

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.{ns}.example.com}
spec:
  group: "{ns}.example.com"
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}, {name: Tags, type: string, jsonPath: ".spec.tags[*]", priority: 1}, {name: Age, type: date, jsonPath: .metadata.creationTimestamp}]
    schema:
      openAPIV3Schema:
        type: object
        description: Something a shop sells.
        properties:
          spec:
            type: object
            description: What it should be.
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How big it is.}
              tags: {type: array, items: {type: string}}
          status: {type: object, properties: {size: {type: integer}}}
`;

const widget = (size: string) => `apiVersion: "{ns}.example.com/v1"\nkind: Widget\nmetadata: {name: w}\nspec: {size: ${size}, tags: [a, b]}\n`;

/** A kind of one's own, from its definition to its end. */
export const customs: readonly Story[] = [
  {
    title: "a definition's kind is applied, got, explained, scaled and deleted as any other",
    rows: [
      { run: "apply -f -", input: definition, says: "customresourcedefinition.apiextensions.k8s.io/widgets.{ns}.example.com created" },
      { run: "wait --for=condition=Established crd/widgets.{ns}.example.com --timeout=30s", says: "customresourcedefinition.apiextensions.k8s.io/widgets.{ns}.example.com condition met" },
      { run: "apply -f -", input: widget("3"), says: "widget.{ns}.example.com/w created" },
      { run: "apply -f -", input: widget("4"), says: "widget.{ns}.example.com/w configured" },
      { run: "apply -f -", input: widget("0"), complains: 'The Widget "w" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1' },
      { run: "get widgets.{ns}.example.com", says: "NAME SIZE AGE\nw 4 *" },
      { run: "scale widgets.{ns}.example.com w --replicas=7", says: "widget.{ns}.example.com/w scaled" },
      { run: `patch widgets.{ns}.example.com w --type=merge -p '{"spec":{"tags":null}}'`, says: "widget.{ns}.example.com/w patched" },
      { run: "describe widgets.{ns}.example.com w", says: "Name: w\nNamespace: {ns}\nLabels: <none>\nAnnotations: <none>\nAPI Version: {ns}.example.com/v1\nKind: Widget\nMetadata:\n...\nSpec:\nSize: 7\nEvents: <none>" },
      { run: "explain widgets.spec --api-version={ns}.example.com/v1", says: "GROUP: {ns}.example.com\nKIND: Widget\nVERSION: v1\n\nFIELD: spec <Object>\n\n...\nDESCRIPTION:\nWhat it should be.\n\nFIELDS:\nsize <integer> -required-\nHow big it is.\n\ntags <[]string>\n<no description>" },
      { run: "delete crd widgets.{ns}.example.com", says: 'customresourcedefinition.apiextensions.k8s.io "widgets.{ns}.example.com" deleted' },
      { run: "get widgets.{ns}.example.com", complains: `error: the server doesn't have a resource type "widgets"` },
    ],
  },
];
