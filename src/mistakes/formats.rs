//! Files of another format than their list wants.

use super::Mistake;
use super::scene::{Finding, Scene, between, find_line};
use crate::diagnostics::{ErrorKind, Hint};
use crate::yaml::{Node, nearest};

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "kustomization-as-resource",
            looks_at: "`resources` names a kustomization file instead of its folder.",
            example: "resources:\n- ../base/kustomization.yaml",
            remedy: "Name the folder; a kustomization does not list itself.",
        },
        find: |scene| {
            let entry = scene.entry()?;
            let (folder, name) = entry.rsplit_once('/').unwrap_or((".", entry));
            if !matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization") {
                return None;
            }
            Some(Finding::new(match folder {
                "." | "" => {
                    "this is the kustomization file itself: it lists other files and folders, not itself".to_owned()
                }
                _ => format!("name the folder instead: `{folder}`"),
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-manifest",
            looks_at: "A file that is no YAML or JSON, such as README.md, is listed as a resource.",
            example: "resources:\n- README.md",
            remedy: "List files with Kubernetes objects only; other files fit into a configMapGenerator.",
        },
        find: |scene| {
            const NO_ENDING: &[&str] = &[
                "CODEOWNERS",
                "Dockerfile",
                "Jenkinsfile",
                "LICENSE",
                "Makefile",
                "NOTICE",
                "README",
            ];
            let name = scene.file_name();
            let end = name.rsplit_once('.').map(|(_, end)| end);
            let end = end.or_else(|| NO_ENDING.contains(&name).then_some(name))?;
            let is_manifest = matches!(end, "yaml" | "yml" | "json");
            let is_entry = scene.entry().is_some_and(|entry| entry.ends_with(name));
            let fits = matches!(scene.error.kind(), ErrorKind::Syntax | ErrorKind::Resource);
            (fits && is_entry && !is_manifest).then(|| {
                let what = if end.eq_ignore_ascii_case("md") { " but Markdown" } else { "" };
                Finding::new(format!(
                    "`{name}` is no manifest{what}: only YAML or JSON with Kubernetes objects is listed here; \
                     other files fit into a `configMapGenerator`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "flux-kustomization",
            looks_at: "A file named kustomization.yaml has the Kustomization of Flux, which is another kind.",
            example: "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization",
            remedy: "Give the object of Flux another file name, such as flux.yaml, and list it under `resources`.",
        },
        find: |scene| {
            let is_flux = scene.text.lines().any(|line| {
                line.trim_start_matches("apiVersion:")
                    .trim()
                    .trim_matches(['"', '\''])
                    .starts_with("kustomize.toolkit.fluxcd.io/")
                    && line.starts_with("apiVersion:")
            });
            (scene.is(ErrorKind::Kustomization) && is_flux).then(|| {
                Finding::new(
                    "this is the Kustomization of Flux, another kind with the same name: give it another file \
                     name, such as flux.yaml, and list that under `resources` of a kustomization.yaml",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "object-as-kustomization",
            looks_at: "A kustomization file has a Kubernetes object.",
            example: "apiVersion: apps/v1\nkind: Deployment",
            remedy: "Give the object a file of its own, and list that under `resources`.",
        },
        find: |scene| {
            let kind = scene.text.lines().find_map(|line| line.strip_prefix("kind:"))?.trim();
            let known = ["Kustomization", "Component", "Kustomize"];
            let is_other = !kind.is_empty() && nearest(known.into_iter(), kind).is_none();
            let is_kustomization =
                scene.place.as_ref().map(|place| &place.file) == scene.kustomization.as_ref();
            (scene.is(ErrorKind::Kustomization) && is_other && is_kustomization).then(|| {
                Finding::new(format!(
                    "this is a {kind}, not a kustomization: give it a file of its own and list that under \
                     `resources`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "list-of-objects",
            looks_at: "The document of a resource file is a list.",
            example: "- apiVersion: v1\n  kind: Service",
            remedy: "Put `---` between the objects, or write `kind: List` with `items`; a JSON patch belongs to `patches`.",
        },
        find: |scene| {
            let text = scene.text.trim_start();
            let is_list = text.starts_with('[') || text.starts_with("- ");
            if !scene.says("missing Resource metadata")
                || !is_list
                || scene.field().starts_with("patches")
            {
                return None;
            }
            let is_patch = text.contains("op:") || text.contains("\"op\"");
            Some(Finding::new(if is_patch {
                "this is a JSON patch: name it under `patches`, as `path`, with a `target`"
            } else {
                "the whole document is a list (a JSON array): give each object a document of its own, with \
                 `---` between, or write `kind: List` with the list under `items`"
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "generate-name",
            looks_at: "An object has metadata.generateName and no name.",
            example: "metadata:\n  generateName: migrate-",
            remedy: "Give it a `name`: kustomize tells objects apart by it. For a hook of Argo CD, `argocd.argoproj.io/hook-delete-policy: BeforeHookCreation` lets the next one have the same.",
        },
        find: |scene| {
            let place = scene.find_line(|line| line.contains("generateName:"))?;
            if scene.text.contains("argocd.argoproj.io/hook") && scene.says("missing metadata.name")
            {
                let finding = Finding::new(
                    "`generateName` is no name: kustomize tells objects apart by `metadata.name`, so give the hook a \
                     fixed one, and let Argo CD delete the last before it makes the next, with the annotation \
                     `argocd.argoproj.io/hook-delete-policy: BeforeHookCreation`",
                );
                return Some(finding.at(Some(place)));
            }
            scene.says("missing metadata.name").then(|| {
                Finding::new(
                    "`generateName` is no name: kustomize tells objects apart by `metadata.name`, so give it \
                     one (a hook that must run anew each time is created by `kubectl create`)",
                )
                .at(Some(place))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "kind-is-no-text",
            looks_at: "`kind` or `metadata.name` of an object is a list or mapping, or `metadata` is none.",
            example: "kind:\n- Service",
            remedy: "Write one text.",
        },
        find: |scene| {
            let key = if scene.says("missing kind") {
                "kind:"
            } else if scene.says("missing metadata.name") {
                "name:"
            } else {
                return None;
            };
            let documents = scene.documents(&scene.place.as_ref()?.file);
            let flat = |document: &&Node| {
                document
                    .get("metadata")
                    .is_some_and(|node| node.as_map().is_none() && !node.is_null())
            };
            if key == "name:"
                && let Some(document) = documents.iter().find(flat)
            {
                let is_list = document.get("metadata").is_some_and(|node| node.as_seq().is_some());
                let place = scene.find_line(|line| line.trim_start().starts_with("metadata:"))?;
                return Some(Finding::new(if is_list {
                    "`metadata` is a list here and must be a mapping: leave the dashes out"
                } else {
                    "`metadata` is a text here and must be a mapping, as in `metadata: {name: web}`"
                }).at(Some(place)));
            }
            let broken = documents.iter().find_map(|document| {
                let node = match key {
                    "kind:" => document.get("kind"),
                    _ => document.get_path(&["metadata", "name"]),
                };
                node.filter(|node| node.text().is_none())
            })?;
            let what = if broken.as_seq().is_some() { "a list" } else { "a mapping" };
            let place = scene.find_line(|line| line.trim_start().starts_with(key))?;
            let key = key.trim_end_matches(':');
            Some(Finding::new(format!("`{key}` is {what} here: write one text")).at(Some(place)))
        },
    },
    Mistake {
        hint: Hint {
            id: "crd-under-crds",
            looks_at: "`crds` names the manifest of a CustomResourceDefinition.",
            example: "crds:\n- crd.yaml",
            remedy: "List the manifest under `resources`; `crds` takes OpenAPI definitions.",
        },
        find: |scene| {
            (scene.field().starts_with("crds") && scene.text.contains("CustomResourceDefinition")).then(|| {
                Finding::new(
                    "this is the manifest of a CustomResourceDefinition, which belongs under `resources`; \
                     `crds` takes OpenAPI definitions, which tell where names are in custom resources",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "configurations-key",
            looks_at: "A file of `configurations` has a key that is not known.",
            example: "nameReferences:\n- kind: Secret",
            remedy: "The keys are namePrefix, nameSuffix, namespace, labels, commonLabels, commonAnnotations, nameReference, varReference, images and replicas.",
        },
        find: |scene| {
            const KEYS: &[&str] = &[
                "namePrefix",
                "nameSuffix",
                "namespace",
                "labels",
                "commonLabels",
                "templateLabels",
                "commonAnnotations",
                "nameReference",
                "varReference",
                "images",
                "replicas",
            ];
            if !scene.field().starts_with("configurations") || !scene.says("unknown field") {
                return None;
            }
            let key = between(scene.error.message(), "unknown field \"", "\"")?;
            // Below the top stand field specs, and what names are referred to.
            if !scene.line().starts_with(key) {
                const INNER: [&str; 6] =
                    ["group", "version", "kind", "path", "create", "fieldSpecs"];
                return Some(Finding::new(match nearest(INNER.into_iter(), key) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys of such an entry are {}", INNER.join(", ")),
                }));
            }
            Some(Finding::new(match nearest(KEYS.iter().copied(), key) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys of such a file are {}", KEYS.join(", ")),
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "configurations-shape",
            looks_at: "A field of a file of `configurations` is a mapping where a list is wanted.",
            example: "nameReference:\n  kind: Secret\n  fieldSpecs: []",
            remedy: "Start each entry with `- `.",
        },
        find: |scene| {
            let field = between(scene.error.message(), "TransformerConfig.", " of type")?;
            let fits = scene.field().starts_with("configurations") && scene.says("of type array");
            fits.then(|| {
                Finding::new(format!(
                    "`{field}` is a list: start each entry with `- `, as in `- kind: Secret`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "built-in-field-spec",
            looks_at: "A field spec of `configurations` is one of the built-in ones, or contradicts it.",
            example: "commonLabels:\n- {path: metadata/labels, create: false}",
            remedy: "Remove it: the built-in field specs are always there, and `create` cannot be changed.",
        },
        find: |scene| {
            if !scene.says("conflicting fieldspecs") || scene.get("configurations").is_none() {
                return None;
            }
            let own = scene.get("configurations").and_then(Node::as_seq);
            let place = own.into_iter().flatten().filter_map(Node::text).find_map(|entry| {
                let path = scene.folder()?.join(entry);
                let text = scene.files.text(&path)?;
                let (file, _) = scene.files.resolve(&path).ok()?;
                find_line(&file, &text, |line| line.contains("path:"))
            });
            let place =
                if scene.place.as_ref().is_some_and(|place| place.line > 0) { None } else { place };
            Some(
                Finding::new(
                    "this field spec is known already with another `create`: built in (`create: true` for \
                     metadata/labels), or from another entry of `configurations`; remove one, or give \
                     both the same `create`",
                )
                .at(place),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "function-config",
            looks_at: "A generator or transformer is a function: a program or container, not a built-in kind.",
            example: "metadata:\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./render}",
            remedy: "Allow it with --enable-alpha-plugins (and --enable-exec), or run it before and list what it prints under `resources`.",
        },
        find: |scene| {
            let is_function = scene.text.contains("config.kubernetes.io/function")
                || scene.text.contains("config.k8s.io/function");
            let is_config = ["generators", "transformers", "validators"]
                .iter()
                .any(|list| scene.field().starts_with(list));
            let is_off = scene.says("external plugins disabled");
            (is_config && is_function && is_off).then(|| {
                Finding::new(
                    "this is a function, which kustom starts with --enable-alpha-plugins, one that is a program \
                     also with --enable-exec; or run it before, and list what it prints under `resources`",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "generator-file-with-tab",
            looks_at: "A file of a generator starts with a tab, which upstream cannot write as YAML.",
            example: "configMapGenerator:\n- {name: table, files: [tabs.tsv]}",
            remedy: "Start the file with another character, such as a comment line.",
        },
        find: |scene| {
            if !scene.says("tab character") || !scene.text.starts_with('\t') {
                return None;
            }
            let name = scene.file_name();
            let field =
                generator_of(scene, name).unwrap_or_else(|| "configMapGenerator".to_owned());
            Some(Finding {
                field: Some(field.clone()),
                ..Finding::new(format!(
                    "the key `{name}` of `{field}` cannot be written: its file starts with a tab; start it with \
                     something else, such as an empty line"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "key-with-equals",
            looks_at: "The name of a file of a generator has an equals sign.",
            example: "secretGenerator:\n- {name: a, files: [token=id=7.txt]}",
            remedy: "Rename the file: the first `=` ends the key.",
        },
        find: |scene| {
            scene.says("key name or file path contains '='").then(|| {
                Finding::new(
                    "the first `=` ends the key, so a file or key with `=` in its name cannot be named: rename it",
                )
            })
        },
    },
];

/// Returns the entry of a generator that has a file of this name.
fn generator_of(scene: &Scene<'_>, name: &str) -> Option<String> {
    ["configMapGenerator", "secretGenerator"].iter().find_map(|list| {
        let entries = scene.get(list)?.as_seq()?;
        let has = |entry: &Node| {
            let files = entry.get("files").and_then(Node::as_seq);
            files.into_iter().flatten().filter_map(Node::text).any(|file| file.ends_with(name))
        };
        entries.iter().position(has).map(|i| format!("{list}[{i}]"))
    })
}
