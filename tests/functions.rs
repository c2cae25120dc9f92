//! Functions that run inside of the process: what goes in, and what becomes of the answer.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use kustom::outside::{
    Failure, FailureKind, Function, FunctionCall, FunctionOutput, FunctionRunner, PluginKind,
};
use kustom::{Builder, ErrorKind, MemoryFs, Result, WarningKind};

/// Answers by the image of a container, the path of a program or the arguments of a plugin.
#[derive(Debug, Default)]
struct Fake {
    input: Mutex<String>,
    runs_programs: bool,
}

impl FunctionRunner for Fake {
    fn run(&self, call: &FunctionCall<'_>) -> std::result::Result<FunctionOutput, Failure> {
        let input = String::from_utf8_lossy(call.input).into_owned();
        input.clone_into(&mut self.input.lock().unwrap());
        let name = match call.function {
            Function::Container(container) => container.image.clone(),
            Function::Program(program) => program.path.clone(),
            Function::Plugin(plugin) => plugin.args.join(" "),
            _ => String::new(),
        };
        Ok(match name.as_str() {
            "echo" | "./echo" => FunctionOutput::new(input),
            "rename" => FunctionOutput::new(input.replace("    name: a\n", "    name: z\n")),
            "value" => FunctionOutput::new(input.replace("v: old", "v: new")),
            "nothing" => FunctionOutput::new(""),
            "fail" => FunctionOutput::new(input).failed("exit status 3").messages("broken\n"),
            "garbage" => FunctionOutput::new("a: [b").failed("exit status 3"),
            "slow" => return Err(Failure::new(FailureKind::Limit, "fn was stopped: no end")),
            "two" => FunctionOutput::new(format!("{CM}---\n{CM}")),
            "make" => FunctionOutput::new(CM),
            "make with origin" => FunctionOutput::new(
                CM.replace("{}", "{config.kubernetes.io/origin: 'path: elsewhere.yaml'}"),
            ),
            "hash" => FunctionOutput::new(
                CM.replace("{}", "{kustomize.config.k8s.io/needs-hash: 'true'}"),
            ),
            "maybe" => {
                FunctionOutput::new(CM.replace("{}", "{kustomize.config.k8s.io/needs-hash: maybe}"))
            }
            "merge" => FunctionOutput::new(
                CM.replace("{}", "{kustomize.config.k8s.io/behavior: merge}").replace("made", "a"),
            ),
            "one two" => FunctionOutput::new(input.replace("v: old", "v: legacy")),
            other => FunctionOutput::new("").failed(format!("no function {other}")),
        })
    }

    fn runs_programs(&self) -> bool {
        self.runs_programs
    }

    fn plugin(&self, plugin: &PluginKind) -> std::result::Result<PathBuf, Failure> {
        match plugin.kind.as_str() {
            "Legacy" => Ok(format!("/home/{}/{}/Legacy", plugin.group, plugin.version).into()),
            kind => Err(Failure::new(FailureKind::Missing, format!("no plugin {kind}"))),
        }
    }
}

const CM: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, annotations: {}}\n";

const TREE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {k: v}}\ndata: {v: old}\n\
                    ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\ndata: {v: old}\n";

fn config(function: &str) -> String {
    format!(
        "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: x\n  annotations:\n    \
         config.kubernetes.io/function: |\n      {function}\nspec: {{z: 1}}\n"
    )
}

fn files(kustomization: &str, config: &str) -> MemoryFs {
    let mut fs = MemoryFs::new();
    fs.insert("/app/kustomization.yaml", kustomization);
    fs.insert("/app/fn.yaml", config);
    fs.insert("/app/cms.yaml", TREE);
    fs
}

fn build_with(runner: Fake, kustomization: &str, config: &str) -> (Result<String>, String) {
    let runner = Arc::new(runner);
    let builder = Builder::new().file_system(files(kustomization, config));
    let built = builder.functions(Arc::<Fake>::clone(&runner)).build("/app");
    let input = runner.input.lock().unwrap().clone();
    (built.map(|build| build.to_string()), input)
}

fn transformed(image: &str) -> Result<String> {
    let config = config(&format!("container: {{image: {image}}}"));
    build_with(Fake::default(), TRANSFORM, &config).0
}

const TRANSFORM: &str =
    "resources: [cms.yaml]\ntransformers: [fn.yaml]\nsortOptions: {order: fifo}\n";
const GENERATE: &str = "resources: [cms.yaml]\ngenerators: [fn.yaml]\nsortOptions: {order: fifo}\n";

#[test]
fn a_function_is_given_a_resource_list() {
    let config = config("container: {image: echo}");
    let (built, input) =
        build_with(Fake::default(), &format!("namePrefix: p-\n{TRANSFORM}"), &config);
    assert!(built.unwrap().contains("name: p-a\n"));
    assert_eq!(
        input,
        r#"apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  data:
    v: old
  kind: ConfigMap
  metadata:
    annotations:
      internal.config.kubernetes.io/prefixes: p-
      internal.config.kubernetes.io/previousKinds: ConfigMap
      internal.config.kubernetes.io/previousNames: a
      internal.config.kubernetes.io/previousNamespaces: default
      k: v
      kustomize.config.k8s.io/id: |
        kind: ConfigMap
        name: p-a
        version: v1
      config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/annotations-migration-resource-id: '0'
      internal.config.kubernetes.io/id: '1'
      config.k8s.io/id: '1'
    name: p-a
- apiVersion: v1
  data:
    v: old
  kind: ConfigMap
  metadata:
    annotations:
      internal.config.kubernetes.io/prefixes: p-
      internal.config.kubernetes.io/previousKinds: ConfigMap
      internal.config.kubernetes.io/previousNames: b
      internal.config.kubernetes.io/previousNamespaces: "n"
      kustomize.config.k8s.io/id: |
        kind: ConfigMap
        name: p-b
        namespace: "n"
        version: v1
      config.kubernetes.io/index: '1'
      internal.config.kubernetes.io/index: '1'
      internal.config.kubernetes.io/annotations-migration-resource-id: '1'
      internal.config.kubernetes.io/id: '2'
      config.k8s.io/id: '2'
    name: p-b
    namespace: "n"
functionConfig:
  apiVersion: ex.io/v1
  kind: Fn
  metadata:
    annotations:
      config.kubernetes.io/function: |
        container: {image: echo}
      config.kubernetes.io/local-config: 'true'
    name: x
  spec:
    z: 1
"#
    );
}

/// Each as upstream writes it.
#[test]
fn annotations_that_are_there_stay_in_their_places() {
    let given = |kustomization: &str, map: &str, config: &str| {
        let mut fs = files(kustomization, config);
        fs.insert("/app/cms.yaml", map);
        let runner = Arc::new(Fake::default());
        let builder = Builder::new().file_system(fs).functions(Arc::<Fake>::clone(&runner));
        let built = builder.build("/app").map(drop);
        (built, runner.input.lock().unwrap().clone())
    };
    let map = |annotations: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, annotations: {{{annotations}}}}}\n"
        )
    };
    let echo = config("container: {image: echo}");
    let internal = "internal.config.kubernetes.io";
    let (_, input) = given(
        TRANSFORM,
        &map(&format!("{internal}/path: it's, config.kubernetes.io/index: \"9\", zz: \"y\"")),
        &echo,
    );
    let wanted = format!(
        "      config.kubernetes.io/index: \"0\"\n      {internal}/path: it's\n      \
         kustomize.config.k8s.io/id: |\n        kind: ConfigMap\n        name: a\n        version: v1\n      \
         zz: \"y\"\n      config.kubernetes.io/path: 'it''s'\n      {internal}/index: '0'\n"
    );
    assert!(input.contains(&wanted), "{input}");
    let two = format!("config.kubernetes.io/path: a, {internal}/path: b");
    let error = given(TRANSFORM, &map(&two), &echo).0.unwrap_err();
    assert!(error.message().contains("mismatched legacy and internal path"), "{error}");
    assert_eq!(error.hint_id(), Some("mismatched-annotations"));
    // Nothing to transform: the config goes in, as with generators.
    let (_, input) = given(TRANSFORM, "", &echo);
    assert!(input.contains("items:\n- apiVersion: ex.io/v1\n"), "{input}");
    // A config without annotations gets them last in its metadata.
    let bare = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  configFn: {container: {image: echo}}\n  name: x\n";
    let (_, input) = given(TRANSFORM, &map(""), bare);
    let end = "    name: x\n    annotations:\n      config.kubernetes.io/local-config: 'true'\n";
    assert!(input.ends_with(end), "{input}");
    // Where origins are noted, the config has one.
    let (_, input) =
        given(&format!("buildMetadata: [originAnnotations]\n{TRANSFORM}"), &map(""), &echo);
    assert!(
        input.contains("      config.kubernetes.io/origin: |\n        path: fn.yaml\n"),
        "{input}"
    );
}

/// As upstream, which prints it twice.
#[test]
fn no_line_of_what_goes_in_is_broken() {
    let long = "word ".repeat(40);
    let mut fs = files(TRANSFORM, &config("container: {image: echo}"));
    let map =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{v: '{long}.'}}\n");
    fs.insert("/app/cms.yaml", map);
    let runner = Arc::new(Fake::default());
    let builder = Builder::new().file_system(fs).functions(Arc::<Fake>::clone(&runner));
    let text = builder.build("/app").unwrap().to_string();
    assert!(!text.contains(&long), "the output has its lines broken: {text}");
    let input = runner.input.lock().unwrap().clone();
    assert!(input.contains(&format!("    v: {long}.\n")), "{input}");
}

/// Each as upstream reads it.
#[test]
fn what_names_a_function_is_read_as_text() {
    for (function, phrase) in [
        ("container: {image: 5}", "no function 5"),
        ("container: {image: yes}", "no function true"),
        ("{container: {image: i}, \"container\": {image: j}}", "\"container\" already set in map"),
        ("container: {image: i, image: j}", "\"image\" already set in map"),
        ("container: {image: [i]}", "cannot unmarshal"),
        ("starlark: {path: x}", "unknown field \"starlark\""),
    ] {
        let error = build_with(Fake::default(), TRANSFORM, &config(function)).0.unwrap_err();
        assert!(error.message().contains(phrase), "{function}: {}", error.message());
    }
    for arguments in ["argsOneLiner: [a]", "argsFromFile: {a: b}"] {
        let config =
            format!("apiVersion: ex.io/v1\nkind: Legacy\nmetadata: {{name: t}}\n{arguments}\n");
        let error = build_with(Fake::default(), TRANSFORM, &config).0.unwrap_err();
        assert!(error.message().contains("is no string"), "{error}");
    }
}

#[test]
fn what_comes_back_takes_the_place_of_what_went_in() {
    let text = transformed("value").unwrap();
    assert_eq!(text.matches("v: new\n").count(), 2);
    assert!(text.contains("    k: v\n") && !text.contains("kubernetes.io"), "{text}");
    let text = transformed("rename").unwrap();
    let names: Vec<_> = text.lines().filter(|line| line.starts_with("  name: ")).collect();
    assert_eq!(names, ["  name: b", "  name: z"]);
    assert_eq!(transformed("nothing").unwrap(), "");
}

#[test]
fn failures_say_how_the_function_ended() {
    for (image, kind, message) in [
        ("fail", ErrorKind::Transformer, "couldn't execute function: exit status 3: broken"),
        ("slow", ErrorKind::Limit, "couldn't execute function: fn was stopped: no end"),
        (
            "two",
            ErrorKind::Transformer,
            "plugin api: ex.io/v1, kind: Fn, name: x generated duplicate resource: \
             {\"version\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"made\"}",
        ),
    ] {
        let error = transformed(image).unwrap_err();
        assert_eq!((error.kind(), error.message()), (kind, message));
        assert_eq!(error.location().map(|place| place.line), Some(1), "{error}");
    }
    let error = transformed("garbage").unwrap_err();
    assert!(error.message().starts_with("couldn't execute function: MalformedYAMLError: "));
}

#[test]
fn generators_say_what_is_to_be_done() {
    let generated = |image: &str| {
        let config = config(&format!("container: {{image: {image}}}"));
        build_with(Fake::default(), GENERATE, &config).0
    };
    assert!(generated("make").unwrap().contains("name: made\n"));
    assert!(generated("hash").unwrap().contains("name: made-"));
    assert!(!generated("echo").unwrap().contains("kind: Fn"));
    let merged = generated("merge").unwrap();
    assert!(merged.contains("name: a\n") && !merged.contains("behavior"), "{merged}");
    let error = generated("maybe").unwrap_err();
    assert!(error.message().contains("contains an invalid value (\"maybe\")"), "{error}");
}

#[test]
fn an_answer_that_names_its_origin_keeps_it_and_notes_the_step() {
    let noted = |image: &str| {
        let kustomization = "transformers: [fn.yaml]\nbuildMetadata: [transformerAnnotations, \
                             originAnnotations]\n";
        let config = config(&format!("container: {{image: {image}}}"));
        build_with(Fake::default(), kustomization, &config).0.unwrap()
    };
    let step =
        "configuredBy:\n          apiVersion: ex.io/v1\n          kind: Fn\n          name: x\n";
    let named = noted("make with origin");
    assert!(named.contains("origin: 'path: elsewhere.yaml'"), "{named}");
    assert!(named.contains("transformations: |\n      - configuredIn: fn.yaml\n"), "{named}");
    assert!(named.contains(step), "{named}");
    let unnamed = noted("make");
    assert!(!unnamed.contains("transformations"), "{unnamed}");
    assert!(unnamed.contains("origin: |\n      configuredIn: fn.yaml\n"), "{unnamed}");
}

#[test]
fn programs_are_passed_over_unless_they_are_allowed() {
    let config = config("exec: {path: ./echo}");
    let (built, input) = build_with(Fake::default(), TRANSFORM, &config);
    assert!(built.is_ok() && input.is_empty());
    let (built, input) =
        build_with(Fake { runs_programs: true, ..Fake::default() }, TRANSFORM, &config);
    assert!(built.is_ok() && !input.is_empty());
    let builder = Builder::new().file_system(files(TRANSFORM, &config)).lint(true);
    let build = builder.functions(Arc::new(Fake::default())).build("/app").unwrap();
    let skipped = build.warnings().iter().find(|w| w.kind() == WarningKind::SkippedFunction);
    assert!(skipped.is_some(), "{:?}", build.warnings());
}

#[test]
fn validators_see_changes_only() {
    let validated = |image: &str| {
        let config = config(&format!("container: {{image: {image}}}"));
        build_with(Fake::default(), "resources: [cms.yaml]\nvalidators: [fn.yaml]\n", &config).0
    };
    for image in ["nothing", "make"] {
        let text = validated(image).unwrap();
        assert!(text.contains("name: a\n") && text.contains("name: b\n") && !text.contains("made"));
    }
    for image in ["echo", "value"] {
        let error = validated(image).unwrap_err();
        assert!(error.message().contains("validator shouldn't modify the resource map"), "{error}");
    }
    assert!(validated("fail").is_err());
}

#[test]
fn legacy_plugins_are_given_documents_and_arguments() {
    let config = "apiVersion: ex.io/v1\nkind: Legacy\nmetadata: {name: t}\nargsOneLiner: one\nargsFromFile: args\n";
    let mut fs = files(TRANSFORM, config);
    fs.insert("/app/args", "  two\n\n");
    let runner = Arc::new(Fake::default());
    let builder = Builder::new().file_system(fs).functions(Arc::<Fake>::clone(&runner));
    let text = builder.build("/app").unwrap().to_string();
    assert_eq!(text.matches("v: legacy\n").count(), 2, "{text}");
    let input = runner.input.lock().unwrap().clone();
    assert!(input.starts_with("apiVersion: v1\n") && input.contains("\n---\n"), "{input}");
    let (missing, _) = build_with(Fake::default(), TRANSFORM, &config.replace("Legacy", "Nope"));
    assert_eq!(missing.unwrap_err().message(), "no plugin Nope");
    let (outside, _) = build_with(Fake::default(), TRANSFORM, &config.replace("ex.io/v1", "../v1"));
    assert!(outside.unwrap_err().message().starts_with("no plugin can be named after"));
}

#[test]
fn containers_see_nothing_above_the_kustomization() {
    for (src, part) in
        [("/etc", "relative to"), ("../x", "under"), ("a/../../x", "under"), ("..", "under")]
    {
        let function =
            format!("container: {{image: make, mounts: [{{type: bind, src: {src}, dst: /x}}]}}");
        let error = build_with(Fake::default(), GENERATE, &config(&function)).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Restricted);
        assert!(error.message().contains(&format!("must be {part} the current")), "{error}");
    }
    let error =
        build_with(Fake::default(), GENERATE, &config("starlark: {path: x}")).0.unwrap_err();
    assert!(error.message().contains("unknown field \"starlark\""), "{error}");
}

#[test]
fn without_a_runner_functions_are_refused() {
    let config = config("container: {image: make}");
    let error = Builder::new().file_system(files(GENERATE, &config)).build("/app").unwrap_err();
    assert!(error.message().contains("unable to load external plugin 'Fn'"), "{error}");
    assert!(error.hint_text().is_some_and(|hint| hint.contains("--enable-alpha-plugins")));
}

#[test]
fn what_functions_print_counts_as_what_is_read() {
    let built = |set: fn(&mut kustom::Limits)| {
        let mut limits = kustom::Limits::default();
        set(&mut limits);
        let files =
            files(GENERATE, &config("container: {image: two}").replace("name: x", "name: y"));
        let builder = Builder::new().file_system(files).functions(Arc::new(Fake::default()));
        builder.limits(limits).build("/app").map(drop)
    };
    let sets: [fn(&mut kustom::Limits); 2] =
        [|limits| limits.read_bytes = 450, |limits| limits.documents = 3];
    for set in sets {
        assert_eq!(built(set).unwrap_err().kind(), ErrorKind::Limit);
    }
}
