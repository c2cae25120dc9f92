//! The table of warnings: each kind once, with its identifier, what it looks at, an example and what to
//! do.
//!
//! The program's `--explain-warning` and `docs/warnings.md` are made from it. A new warning is one entry
//! here, one place that raises it, and one case in `tests/lint`.

/// Declares the kinds of warnings and what is known of each.
macro_rules! kinds {
    ($($kind:ident $id:literal { looks_at: $looks_at:literal, example: $example:literal, remedy: $remedy:literal })*) => {
        /// The class of a [`Warning`](crate::Warning). More kinds may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum WarningKind {
            $(#[doc = $looks_at] $kind,)*
        }

        pub(super) static TABLE: &[(WarningKind, Facts)] = &[
            $((WarningKind::$kind, Facts { id: $id, looks_at: $looks_at, example: $example, remedy: $remedy }),)*
        ];
    };
}

/// What the table says of one kind.
pub(super) struct Facts {
    pub(super) id: &'static str,
    pub(super) looks_at: &'static str,
    pub(super) example: &'static str,
    pub(super) remedy: &'static str,
}

kinds! {
    DeprecatedField "deprecated-field" {
        looks_at: "A field of a kustomization file is deprecated.",
        example: "commonLabels: {app: web}",
        remedy: "Use the field that the message names; `kustomize edit fix` converts most of them. `commonLabels` goes into selectors and templates as well: that is an entry of `labels` with `pairs` and `includeSelectors: true`; with `includeTemplates: true` instead, labels go into templates and not into selectors, which cannot be changed later."
    }
    Vars "vars" {
        looks_at: "A var is not used, or cannot be put where it is used.",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: web}",
        remedy: "Remove the var, or write `$(HOST)` in a field that takes vars; replacements take any field."
    }
    Ignored "ignored" {
        looks_at: "An option is ignored because the kustomization says otherwise.",
        example: "kustom build --reorder legacy . # with `sortOptions` in the kustomization",
        remedy: "Drop the flag, or `sortOptions`."
    }
    UnusedPatch "unused-patch" {
        looks_at: "The target of a patch selects no resource, so the patch does nothing.",
        example: "patches:\n- target: {kind: Deployment, name: wbe}\n  path: patch.yaml",
        remedy: "A target names group, version, kind, name and namespace as the resource has them before this layer changes them; each is a regular expression for the whole text, so `web.*` selects `web-1`."
    }
    UnusedImage "unused-image" {
        looks_at: "No container has the image that an entry of `images` changes.",
        example: "images:\n- name: ngnix\n  newTag: '2'",
        remedy: "The name must be that in the resources, with the registry and without the tag."
    }
    UnusedReplacement "unused-replacement" {
        looks_at: "A target of a replacement selects no resource, so nothing is written.",
        example: "replacements:\n- source: {kind: Service, name: web}\n  targets:\n  - select: {kind: Deploymet}",
        remedy: "Check kind, name and namespace under `select`."
    }
    UnusedLabel "unused-label" {
        looks_at: "A label goes nowhere: there is no resource, or none has the field.",
        example: "labels:\n- pairs: {app: web}\n  fields:\n  - path: spec/jobTemplate/metadata/labels\n    kind: CronJob",
        remedy: "Check group, version, kind and path of the field, or add `create: true`."
    }
    ReplacedList "replaced-list" {
        looks_at: "A strategic merge patch replaces a whole list of mappings, as the list has no merge key, and loses elements that were hardly meant to go.",
        example: "kind: Deployment\nspec:\n  template:\n    spec:\n      tolerations:\n      - key: gpu",
        remedy: "Repeat the elements to keep in the patch, or add one with a JSON patch (`path: /spec/.../-`)."
    }
    UnusedFile "unused-file" {
        looks_at: "A YAML file lies in the folder of a kustomization, and the build did not read it. Among several roots only files that stand out are told of; samples, tests, and what a script, pipeline or text for people names never; nor is what functions and plugins may read: what their configs name, and what lies where they run.",
        example: "resources:\n- deployment.yaml # service.yaml lies beside it",
        remedy: "List the file in the kustomization of its folder, or remove it."
    }
    UnreachedKustomization "unreached-kustomization" {
        looks_at: "Below the target lies a kustomization that the build did not read, and that no Flux or Argo CD object of the build names.",
        example: "resources:\n- web # db/kustomization.yaml lies beside it",
        remedy: "List its folder under `resources`, or build it by itself."
    }
    UnknownKey "unknown-key" {
        looks_at: "A config of a generator or transformer has a key that means nothing, or `buildMetadata` a word.",
        example: "kind: LabelTransformer\nlabel: {app: web}",
        remedy: "Use the key that the message names, or remove it."
    }
    SecondDocument "second-document" {
        looks_at: "A kustomization file has more than one document, of which only the first is read.",
        example: "resources: [web.yaml]\n---\nnamePrefix: dev-",
        remedy: "Remove the `---`, or make the second document a kustomization of its own."
    }
    DuplicateKey "duplicate-key" {
        looks_at: "A key stands twice in a mapping of a kustomization or patch; only the last one counts.",
        example: "patches:\n- path: a.yaml\npatches:\n- path: b.yaml",
        remedy: "Put both values under one key; two patches in one file need `---` between them."
    }
    IgnoredOption "ignored-option" {
        looks_at: "A field of a kustomization has no effect as it stands: an entry of `images` whose fields are all empty, `index` without `delimiter`, a transformer without `fieldSpecs`, `namespace` under `metadata`, an option among labels.",
        example: "images:\n- name: web\n  newTag:",
        remedy: "Add what the message names, or remove the field."
    }
    DottedPath "dotted-path" {
        looks_at: "The path of a field spec has dots between its parts, so that it is the name of one field.",
        example: "nameReference:\n- kind: Service\n  fieldSpecs:\n  - {kind: Gateway, path: spec.backend.name}",
        remedy: "Write slashes: `spec/backend/name`."
    }
    DuplicateEntry "duplicate-entry" {
        looks_at: "Two entries of `images` or `replicas` set the same thing to different values.",
        example: "replicas:\n- {name: web, count: 2}\n- {name: web, count: 3}",
        remedy: "Keep one of the two."
    }
    InvalidImage "invalid-image" {
        looks_at: "An entry of `images` makes a reference that no registry knows, such as `web::2` or `web:1:2`.",
        example: "images:\n- name: web\n  newName: registry.example.com/web:1\n  newTag: '2'",
        remedy: "`newName` is the name without a tag, `newTag` the tag without a colon, `digest` starts with `sha256:`."
    }
    InvalidName "invalid-name" {
        looks_at: "A prefix, suffix, name, namespace or key of data has characters that Kubernetes refuses.",
        example: "namePrefix: \u{201c}dev-\u{201d}",
        remedy: "Names have lowercase letters, digits, `-` and `.`, keys of data capitals and `_` too; retype quotes that were copied from a web page."
    }
    InvalidLabel "invalid-label" {
        looks_at: "A label or annotation has a key or value that Kubernetes refuses.",
        example: "labels:\n- pairs: {owner: two words}",
        remedy: "Keys and values of labels have letters, digits, `-`, `_` and `.`, at most 63 of them, and a key may have a DNS name and `/` before it; what does not fit into a label fits into an annotation."
    }
    EmptyFile "empty-file" {
        looks_at: "A file that is listed as a resource or patch has no document, or only comments. Among several roots a resource that is commented out counts as switched off.",
        example: "resources:\n- rest.yaml # all of it is commented out",
        remedy: "Remove the entry, or put the object into the file."
    }
    EnvFile "env-file" {
        looks_at: "A line of an env file is not taken as a shell takes it: quotes and `export` stay, and a key alone gets an empty value; or an env file is under `files`, so that `envFrom` gets none of its lines.",
        example: "GREETING=\"hello there\"\nexport A=1\nTOKEN",
        remedy: "Write `KEY=value` without quotes and without `export`."
    }
    LostElement "lost-element" {
        looks_at: "A strategic merge loses an element of a list, because another one has the same merge key.",
        example: "kind: Service\nspec:\n  ports:\n  - {name: dns, port: 53}\n  - {name: dns-udp, port: 53, protocol: UDP}",
        remedy: "Give every element all keys that the list merges by, such as `protocol` for ports, or use a JSON patch."
    }
    NewElement "new-element" {
        looks_at: "A patch adds a container without an image or with that of another one, most likely because it misspells the name of one that is there.",
        example: "containers:\n- name: wbe # the container is `web`\n  resources: {limits: {cpu: 1}}",
        remedy: "Use the name of the container that is meant, or give the new one an image."
    }
    DuplicateElement "duplicate-element" {
        looks_at: "A list of the output has two elements of one name, where Kubernetes wants each once.",
        example: "ports:\n- {name: http, port: 80}\n- {name: http, port: 8080} # a patch changed the number, so a port was added",
        remedy: "Delete the old element in the patch with `$patch: delete`, or change it with a JSON patch."
    }
    LeftOverDirective "left-over-directive" {
        looks_at: "A directive of a patch, such as `$patch` or `$retainKeys`, stays in the output.",
        example: "strategy:\n  $retainKeys: [type]\n  type: Recreate",
        remedy: "kustomize knows `$patch: delete`, `replace` and `merge` in mappings and in lists with a merge key only; set a field to null, or use a JSON patch."
    }
    UnstableChart "unstable-chart" {
        looks_at: "A chart has no `releaseName`, so that its output is another one at each build.",
        example: "helmCharts:\n- name: web",
        remedy: "Give the entry a `releaseName`."
    }
    SkippedFunction "skipped-function" {
        looks_at: "A function is a program, which was passed over since programs are not allowed.",
        example: "annotations:\n  config.kubernetes.io/function: |\n    exec: {path: ./generate.sh}",
        remedy: "`--enable-exec` runs functions that are programs, as the user and with all rights of the user."
    }
    LeftOverVar "left-over-var" {
        looks_at: "`$(NAME)` of a var stays in the output, because its field takes no vars.",
        example: "kind: ConfigMap\ndata: {url: http://$(HOST)/}",
        remedy: "Name the field under `varReference` in a file of `configurations`, or use a replacement."
    }
    UnexpandedVariable "unexpanded-variable" {
        looks_at: "A name, namespace or host has a variable such as `${NAME}`, which kustomize does not expand, and no Flux Kustomization of the repository with `postBuild` does; or a container is started with `$(NAME)` and has no such variable.",
        example: "namespace: ${NAMESPACE}",
        remedy: "Write the value itself, in an overlay for each value, or copy it with a replacement; add the variable to `env` of the container."
    }
    OtherTemplate "other-template" {
        looks_at: "An ApplicationSet has a parameter in the form of the other template language: `{{.name}}` is for `goTemplate: true`, and `{{name}}` for sets without it.",
        example: "kind: ApplicationSet\nspec:\n  goTemplate: true\n  template:\n    metadata: {name: '{{path.basename}}'}",
        remedy: "Write `{{.path.basename}}` with `goTemplate: true`, and `{{path.basename}}` without; `kustom apps lint` shows what becomes of the whole set."
    }
    DanglingReference "dangling-reference" {
        looks_at: "A reference keeps a name or namespace that the build has changed, so it leads nowhere; so does that to a Secret which is called after the object that it is made of, and a RoleBinding that is moved away from its Role.",
        example: "namePrefix: dev- # and a VerticalPodAutoscaler with targetRef.name: web",
        remedy: "Name the field under `nameReference` in a file of `configurations`, or set it with a replacement."
    }
    WrongReference "wrong-reference" {
        looks_at: "A reference was changed to the name of an object of another kind than it says.",
        example: "scaleTargetRef: {kind: StatefulSet, name: a-web} # a-web is a Deployment",
        remedy: "Give the two objects different names, or set the reference with a patch or replacement."
    }
    ConflictingFields "conflicting-fields" {
        looks_at: "Two fields are set of which Kubernetes takes one only; mostly a patch set one and did not remove the other.",
        example: "env:\n- name: A\n  value: x\n  valueFrom: {secretKeyRef: {name: s, key: a}}",
        remedy: "Set the other field to null in the patch."
    }
    NoOpPatch "no-op-patch" {
        looks_at: "A patch changes nothing: the resource has all of it already. Among several roots nothing is said where overlays seem to keep a full set: the one beside it sets another value, it is called after the value, or others use the same base; and never of a patch with a comment in it or at its entry.",
        example: "kind: Deployment\nspec: {replicas: 1} # the base has replicas: 1",
        remedy: "Remove the patch, or check that it names the field that is meant."
    }
    EmptyMapping "empty-mapping" {
        looks_at: "A patch sets a field to `{}`, which merges nothing into what is there.",
        example: "kind: NetworkPolicy\nspec: {podSelector: {}}",
        remedy: "To empty it, write `$patch: replace` into the mapping, or replace it with a JSON patch."
    }
    StrayPath "stray-path" {
        looks_at: "A JSON patch makes a field where one was to be replaced, or its path starts without a slash.",
        example: "- op: replace\n  path: /spec/template/spec/containers/0/imagee\n  value: web:2",
        remedy: "Check the path; a new field is made with `op: add`, and a path starts with `/`."
    }
    MissingValue "missing-value" {
        looks_at: "An operation of a JSON patch has no `value`, so it writes null.",
        example: "- op: add\n  path: /metadata/labels/env\n  values: prod",
        remedy: "Give the operation a `value`, or write `op: remove`."
    }
    OverwrittenValue "overwritten-value" {
        looks_at: "A JSON patch, a replacement, `replicas` or `images` takes away what was set before it.",
        example: "- op: add\n  path: /spec/template/spec/containers/0/env\n  value: [{name: TWO, value: '2'}]",
        remedy: "`add` replaces a whole list or mapping; end the path with `/-` to append to a list, or name the key to add to a mapping. `replicas` and `images` come after all patches of their kustomization."
    }
    RereadScalar "reread-scalar" {
        looks_at: "A value or key is read anew by a step and changes: `012` becomes 10, `1.10` becomes 1.1.",
        example: "annotations: {version: 1.10} # and any JSON patch of the object",
        remedy: "Put the value into quotes where it is written."
    }
    ClusterScopedNamespace "cluster-scoped-namespace" {
        looks_at: "`namespace` reaches a custom resource whose definition in the build is cluster-scoped.",
        example: "namespace: shop # and a ClusterIssuer with its CustomResourceDefinition",
        remedy: "Keep the object in a kustomization without `namespace`, or remove the field with a patch."
    }
    EmptyReplacement "empty-replacement" {
        looks_at: "A replacement writes nothing, or empties a text, because its value is a list or mapping.",
        example: "replacements:\n- source: {kind: Networks, name: a, fieldPath: data.addresses}",
        remedy: "Let `fieldPath` name a text or number, such as `data.addresses.0`."
    }
    PartialMatch "partial-match" {
        looks_at: "A `[name=...]` in a field path of a replacement selects an element by a part of its name.",
        example: "fieldPaths:\n- spec.template.spec.containers.[name=web].image # there is web-proxy too",
        remedy: "It is a regular expression that is looked for anywhere in the name: write `[name=^web$]` for the whole of it."
    }
    NotBase64 "not-base64" {
        looks_at: "A value under `data` of a Secret is not base64, which Kubernetes refuses.",
        example: "kind: Secret\ndata: {password: \"open sesame!\"}",
        remedy: "Encode the value, write it under `stringData`, or generate the Secret with `secretGenerator`."
    }
    EncodedTwice "encoded-twice" {
        looks_at: "A generator of Secrets is given base64 of a text, which it encodes once more.",
        example: "secretGenerator:\n- name: login\n  literals: [password=b3BlbiBzZXNhbWU=]",
        remedy: "Give the generator the text itself; an object of kind Secret is what takes base64 under `data`."
    }
    NotText "not-text" {
        looks_at: "A value that must be text is a number or bool: in the data of a ConfigMap or Secret, in `env` or `args`, in annotations of Pods, or as a label.",
        example: "kind: ConfigMap\ndata: {port: 8080}",
        remedy: "Put it into quotes; the API server refuses it otherwise."
    }
    WrongType "wrong-type" {
        looks_at: "A field of a built-in kind has a value of another type than it takes: a text for a number, a mapping for a list.",
        example: "ports:\n- containerPort: \"8080\"",
        remedy: "Leave out the quotes, or start each element of the list with `- `: the API server refuses it otherwise."
    }
    MissingField "missing-field" {
        looks_at: "An object of a built-in kind lacks a field that it must have, mostly as a patch has dropped or replaced what it stands in.",
        example: "kind: Ingress\nspec:\n  rules:\n  - http: {paths: [{path: /, backend: {...}}]} # no `pathType`",
        remedy: "Write the field: the API server refuses the object otherwise."
    }
    InvalidValue "invalid-value" {
        looks_at: "A field has a value of the right type that the API server refuses: one that is none of the few that the field takes, more replicas at least than at most, a schedule of six fields, a Job whose Pods restart always, a block of addresses without a length, a mode above `0777`, a port of nodes outside of the default range, a capability with `CAP_`.",
        example: "kind: HorizontalPodAutoscaler\nspec: {minReplicas: 4, maxReplicas: 3}",
        remedy: "Correct the value as the message says."
    }
    OddAmount "odd-amount" {
        looks_at: "An amount of cpu or memory is none, or hardly the one that is meant: `512m` of memory is half a byte.",
        example: "resources:\n  limits: {memory: 512m, cpu: 500Mi}",
        remedy: "Write memory with `Mi` or `Gi`, and cpu in cores or with `m` for thousandths of one."
    }
    RequestAboveLimit "request-above-limit" {
        looks_at: "A container requests more of cpu or memory than its limit is.",
        example: "resources:\n  requests: {memory: 1Gi}\n  limits: {memory: 512Mi}",
        remedy: "Raise the limit or lower the request: the API server refuses the Pod otherwise."
    }
    MissingRequest "missing-request" {
        looks_at: "A HorizontalPodAutoscaler, or a ScaledObject of KEDA, goes by the utilization of cpu or memory, and a container of its target requests none, so that there is nothing to compare with.",
        example: "metrics:\n- type: Resource\n  resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}} # and a container without `resources.requests.cpu`",
        remedy: "Give each container of the target a request: without it nothing is scaled. A patch that replaces `resources` or sets one to null takes it away."
    }
    CompetingScalers "competing-scalers" {
        looks_at: "Two HorizontalPodAutoscalers scale one workload, or one and a ScaledObject of KEDA, which makes one too; or a VerticalPodAutoscaler changes the requests by whose use another one scales.",
        example: "kind: ScaledObject\nspec:\n  scaleTargetRef: {name: web} # and a HorizontalPodAutoscaler for the Deployment web",
        remedy: "Keep one of them, with the metrics of both: each sets the number of Pods by its own, again and again. A VerticalPodAutoscaler beside it needs other resources, or `updateMode: \"Off\"`."
    }
    ConflictMarkers "conflict-markers" {
        looks_at: "A ConfigMap or Secret has the markers of an unfinished merge of git in its data.",
        example: "<<<<<<< HEAD\nLEVEL=info\n=======\nLEVEL=debug\n>>>>>>> feature",
        remedy: "Finish the merge: keep one side, or both, and remove the three lines of markers."
    }
    NoApiVersion "no-api-version" {
        looks_at: "An object has no `apiVersion`.",
        example: "kind: ConfigMap\nmetadata: {name: settings}",
        remedy: "Give it one, such as `v1` or `apps/v1`: the API server refuses it otherwise."
    }
    WrongVersion "wrong-version" {
        looks_at: "An object has an `apiVersion` that does not have its kind, or has it no more, or a kind that is nearly one of its `apiVersion`.",
        example: "apiVersion: extensions/v1beta1\nkind: Ingress",
        remedy: "Write the version or kind that the message names: the API server refuses the object otherwise."
    }
    MissingVolume "missing-volume" {
        looks_at: "A container mounts a volume that its Pod does not have.",
        example: "volumeMounts:\n- {name: dta, mountPath: /data} # the volume is `data`",
        remedy: "Correct the name, or add the volume to `volumes`."
    }
    SelectorMismatch "selector-mismatch" {
        looks_at: "The selector of a workload wants a label that the Pods of its own template do not have, or that of a Service selects the Pods of another workload than the one of its name.",
        example: "kind: Deployment\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: shop}}",
        remedy: "Write the same labels in both places; a selector that was copied needs the label of its own workload."
    }
    SelectsNothing "selects-nothing" {
        looks_at: "A Service, PodDisruptionBudget, NetworkPolicy (or a peer in it) or monitor selects nothing, as the build has changed its selector or the labels and not the other, or as one label has a slip; or Pods are spread by labels that they do not have.",
        example: "labels:\n- pairs: {env: prod}\n  includeSelectors: true # of the Service alone; the Deployment is in another base",
        remedy: "Let the same entry of `labels` reach both, or change the other too."
    }
    VersionInSelector "version-in-selector" {
        looks_at: "A label with a version goes into the selector of a workload, or into the templates of its volume claims, neither of which can be changed later.",
        example: "labels:\n- pairs: {app.kubernetes.io/version: 1.4.2}\n  includeSelectors: true",
        remedy: "Use `includeTemplates: true` for labels that change, and `includeSelectors: true` for those that name the application; the API server refuses the next version otherwise."
    }
    WrongBackend "wrong-backend" {
        looks_at: "An Ingress or route leads to a Service that is not in the build, but nearly named so or the only one there, or to a port that the Service does not have.",
        example: "kind: Ingress\nspec:\n  defaultBackend: {service: {name: wbe, port: {number: 80}}} # the Service is `web`",
        remedy: "Write the name and port of the Service: its `port`, not its `targetPort`."
    }
    MissingPort "missing-port" {
        looks_at: "A Service, a NetworkPolicy, a probe or a hook names a port that no container has which it is for, a NetworkPolicy counts the port of a Service and not that of its Pods, or the address of a Service has a port that the Service does not have.",
        example: "kind: Service\nspec:\n  selector: {app: web}\n  ports:\n  - {port: 80, targetPort: web} # the container calls its port `http`",
        remedy: "Write the name that the port has under `ports` of the container, or its number."
    }
    MissingKey "missing-key" {
        looks_at: "A Pod wants a key of a ConfigMap or Secret of the build that does not have it, in `items` of a volume, as the `subPath` of a mount, or in `configMapKeyRef` or `secretKeyRef`.",
        example: "env:\n- name: LEVEL\n  valueFrom: {configMapKeyRef: {name: settings, key: level}} # settings has LOG_LEVEL",
        remedy: "Correct the key, or add it; a generator with `behavior: replace` drops the keys of the base, and one with `behavior: merge` keeps them."
    }
    IncompleteSecret "incomplete-secret" {
        looks_at: "A Secret lacks a key that its type wants, such as `tls.crt` and `tls.key` for `kubernetes.io/tls`.",
        example: "secretGenerator:\n- name: web-tls\n  type: kubernetes.io/tls\n  files: [cert.pem, key.pem]",
        remedy: "Name the keys, as in `files: [tls.crt=cert.pem, tls.key=key.pem]`: the API server refuses the Secret otherwise."
    }
    IgnoredName "ignored-name" {
        looks_at: "A strategic merge patch with a `target` has the name of the object with something added, and the object keeps its own.",
        example: "patches:\n- target: {kind: Service, name: web}\n  patch: |-\n    apiVersion: v1\n    kind: Service\n    metadata: {name: web-internal}",
        remedy: "To rename the object, set `options: {allowNameChange: true}` beside the patch; else give the patch its name."
    }
    UnknownField "unknown-field" {
        looks_at: "An object of a built-in kind has a field that the kind does not have: it is misspelt, or belongs elsewhere.",
        example: "kind: Deployment\nspec: {replica: 3}",
        remedy: "Correct the name or the indentation, or remove the field: the API server refuses or drops it."
    }
    UnusedGenerated "unused-generated" {
        looks_at: "A generated ConfigMap or Secret has a hash in its name, and nothing in the build refers to it.",
        example: "secretGenerator:\n- {name: leftover, literals: [A=1]}",
        remedy: "Remove it, correct the name where it is used, or, if something outside of the build uses it, set `options: {disableNameSuffixHash: true}`."
    }
    NearKey "near-key" {
        looks_at: "A generator with `behavior: merge`, or a patch, adds a key to a ConfigMap or Secret that is nearly one that is there, which it was meant to change.",
        example: "configMapGenerator:\n- {name: settings, behavior: merge, literals: [LOGLEVEL=debug]} # the base has LOG_LEVEL",
        remedy: "Write the key as the base does; if it is meant to be another one, give it a name that differs by more."
    }
    NoHash "no-hash" {
        looks_at: "A generator merges with or replaces an object that is not generated, so that no hash is added and Pods do not restart.",
        example: "secretGenerator:\n- {name: token, behavior: replace, literals: [T=x]} # token is a plain Secret",
        remedy: "Generate the object in the base as well."
    }
    CopiedValue "copied-value" {
        looks_at: "An overlay has a value of the overlay beside it, whose name is in it: a host, a namespace, the path of a secret. Only told where both are built in one call, as `kustom lint` does.",
        example: "# overlays/staging/kustomization.yaml, and the same in overlays/prod\npatches:\n- target: {kind: Ingress}\n  patch: '[{op: replace, path: /spec/rules/0/host, value: shop.prod.example.com}]'",
        remedy: "Write the value of this overlay; what all of them share belongs in the base."
    }
    UnknownName "unknown-name" {
        looks_at: "A class, issuer, secret store, project, source, gateway or namespace is called as nothing in the repository is, but nearly. What one root names another may have, so `kustom lint` tells more of it than one build.",
        example: "kind: Ingress\nspec: {ingressClassName: ngnix} # the others have `nginx`",
        remedy: "Correct the name; what has no near name in the repository is not told of, as it may come from elsewhere."
    }
    SharedHost "shared-host" {
        looks_at: "Two roots for different stages, or of different namespaces, claim the same host and path by an Ingress, a route or a name for external-dns. Only told where both are built in one call, as `kustom lint` does.",
        example: "# overlays/staging, copied from overlays/prod with its host\nkind: Ingress\nspec:\n  rules:\n  - host: shop.example.com",
        remedy: "Give each root a host or path of its own; requests reach only one of both, and some controllers refuse the second."
    }
    SharedObject "shared-object" {
        looks_at: "Two applications have an object of the same kind, namespace and name, each from a file of its own, as if one was copied from the other; or two Applications of Argo CD deploy one folder to one place. Only told where both are built in one call, as `kustom lint` does.",
        example: "# apps/cart/base/service.yaml, copied from apps/shop; both have `namespace: shop`\nkind: Service\nmetadata: {name: shop}",
        remedy: "Give one of them a name or namespace of its own; in one cluster each overwrites the other."
    }
    UnknownHost "unknown-host" {
        looks_at: "A variable, argument, ConfigMap or address names the host of a Service that is in no root of the repository: one of its namespace is nearly called so, it is in another one, or the roots have all that is in the namespace. Or an Ingress or route keeps a placeholder for its host that another root replaces.",
        example: "env:\n- {name: REDIS_ADDR, value: 'redis-crat:6379'} # the Service is `redis-cart`",
        remedy: "Write the name of the Service, and `NAME.NAMESPACE.svc.cluster.local` for one in another namespace."
    }
    UnknownPath "unknown-path" {
        looks_at: "An Application, a git generator of an ApplicationSet or a Kustomization of Flux names a folder that the repository does not have, where others of the same source are there or one is nearly called so.",
        example: "kind: ApplicationSet\nspec:\n  generators:\n  - git:\n      repoURL: https://git.example.com/infra.git\n      directories: [{path: platfrom/*}] # the folder is `platform`",
        remedy: "Correct the path, which starts at the root of the repository, or make the folder."
    }
    NotPermitted "not-permitted" {
        looks_at: "The AppProject that an Application or ApplicationSet names does not permit its repository, its cluster or its namespace, or the Gateway that a route names takes none of its namespace or host.",
        example: "kind: AppProject\nmetadata: {name: apps}\nspec:\n  destinations: [{name: '*', namespace: shop}] # and an Application of it for `shop-dev`",
        remedy: "Correct the Application, or add what it needs to `sourceRepos` or `destinations` of the project, for a route to the listeners of the Gateway; neither is served otherwise."
    }
    BlockedEviction "blocked-eviction" {
        looks_at: "A PodDisruptionBudget wants as many Pods as there are, or none to be away, so that none may ever be evicted.",
        example: "kind: PodDisruptionBudget\nspec:\n  minAvailable: 3 # of a Deployment with `replicas: 3`\n  selector: {matchLabels: {app: web}}",
        remedy: "Let one Pod be away, such as with `maxUnavailable: 1`: nodes cannot be drained otherwise."
    }
    EmptyElement "empty-element" {
        looks_at: "An element of a strategic merge patch has its merge key alone, so that it changes nothing: what belongs in it mostly stands beside the list, at the wrong indentation.",
        example: "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n      resources: {limits: {memory: 1Gi}} # belongs in the container",
        remedy: "Indent the fields that belong in the element, or remove it."
    }
    OtherRevision "other-revision" {
        looks_at: "An ApplicationSet finds folders in one revision of a repository, and its Applications are of another one.",
        example: "kind: ApplicationSet\nspec:\n  generators:\n  - git: {repoURL: https://git.example.com/infra.git, revision: release-prod, directories: [{path: apps/*}]}\n  template:\n    spec:\n      source: {repoURL: https://git.example.com/infra.git, targetRevision: release-staging, path: '{{.path.path}}'}",
        remedy: "Write the same revision in both: folders that only one of them has make Applications that fail, or none."
    }
    ReplacedSchema "replaced-schema" {
        looks_at: "The file under `openapi` replaces the built-in schema and does not have its kinds, so that patches replace lists such as `containers`.",
        example: "openapi: {path: schema.json} # with one custom kind",
        remedy: "Let the file have the built-in definitions too, as `kustomize openapi fetch` prints them."
    }
    UnpinnedRemote "unpinned-remote" {
        looks_at: "A remote base names no ref, so that it is what the default branch has at the moment.",
        example: "resources:\n- github.com/acme/infra//base",
        remedy: "Name a tag with `?ref=v1.2.0`; `kustom vendor` pins the commit for kustom, but not for others."
    }
}
