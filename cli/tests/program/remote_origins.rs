//! What the origin annotations say of remote files.

use crate::elsewhere::{Elsewhere, Server};
use crate::{Ran, config_map, folder};

/// What of a file's origin upstream writes; `@` stands for the address of the server.
const ORIGINS: [(&str, &str); 6] = [
    ("top.yaml", "path: http:/@/top.yaml\n"),
    ("f/a.yaml", "path: notCloned\nrepo: http://@/f/a.yaml\n"),
    ("f/g/h/a.yaml", "path: h/a.yaml\nrepo: http://@/f/g\n"),
    ("f/a.yaml?ref=x", "path: notCloned\nrepo: http://@/f/a.yaml\nref: x\n"),
    ("f/g/h/a.yaml?version=y", "path: h/a.yaml\nrepo: http://@/f/g\nref: \"y\"\n"),
    ("f/g//h/a.yaml?submodules=false", "path: h/a.yaml\nrepo: http://@/f/g\n"),
];

/// Returns a map with the annotations that the given texts are.
fn annotated(name: &str, origin: &str, steps: &str) -> String {
    let mut text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n".to_owned();
    for (key, value) in [
        ("alpha.config.kubernetes.io/transformations", steps),
        ("config.kubernetes.io/origin", origin),
    ] {
        if !value.is_empty() {
            text.push_str(&format!("    {key}: |\n"));
            value.lines().for_each(|line| text.push_str(&format!("      {line}\n")));
        }
    }
    text + &format!("  name: {name}\n")
}

#[test]
fn a_remote_file_lies_in_the_repository_that_its_url_can_name() {
    let prefix = "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: p-\n\
                  fieldSpecs: [{path: metadata/name}]\n";
    let server = Server::start(move |path| match path {
        "/f/prefix.yaml?ref=x" => (200, String::new(), prefix.to_owned()),
        _ => (200, String::new(), config_map("a")),
    });
    let at = &server.address;
    let meta = "buildMetadata: [originAnnotations, transformerAnnotations]\n";
    let top = folder("remote-origins", &[]);
    let write = |path: &str, text: &str| {
        crate::write(&top, &format!("{path}/kustomization.yaml"), &format!("{text}{meta}"));
    };
    let mut expected = Vec::new();
    for (i, (url, origin)) in ORIGINS.iter().enumerate() {
        let root = format!("r{i}");
        write(&format!("{root}/below"), &format!("resources: ['http://{at}/{url}']\n"));
        write(&root, &format!("resources: ['http://{at}/{url}']\n"));
        expected.push((root, annotated("a", &origin.replace('@', at), "")));
        // From a folder below, what is no repository lies there.
        write(&format!("o{i}"), &format!("resources: [../r{i}/below]\n"));
        let origin = match i {
            0 => format!("path: ../r0/below/http:/{at}/top.yaml\n"),
            _ => origin.replace('@', at),
        };
        expected.push((format!("o{i}"), annotated("a", &origin, "")));
    }
    let steps = format!("transformers: ['http://{at}/f/prefix.yaml?ref=x']\n");
    write("steps", &format!("resources: ['http://{at}/f/a.yaml']\n{steps}"));
    let steps = format!(
        "- repo: http://{at}/f/prefix.yaml\n  ref: x\n  configuredIn: notCloned\n  configuredBy:\n    apiVersion: \
         builtin\n    kind: PrefixTransformer\n    name: p\n"
    );
    let origin = ORIGINS[1].1.replace('@', at);
    expected.push(("steps".to_owned(), annotated("p-a", &origin, &steps)));
    // A base in git that names the file.
    let elsewhere = Elsewhere::new("origins");
    let base = format!("namePrefix: x-\nresources: ['http://{at}/f/a.yaml']\n");
    elsewhere.commit("acme/infra", "v1", &[("b/kustomization.yaml", &base)]);
    write("git", "resources: ['https://github.com/acme/infra//b?ref=v1']\n");
    let steps = "- repo: https://github.com/acme/infra\n  ref: v1\n  configuredIn: b/kustomization.yaml\n  configuredBy:\n    \
                 apiVersion: builtin\n    kind: PrefixTransformer\n";
    expected.push(("git".to_owned(), annotated("x-a", &origin, steps)));

    let allowed = format!("--allow-remote={at},github.com");
    for (root, expected) in &expected {
        assert_eq!(elsewhere.kustom(&top, &["build", &allowed, root]).good(), *expected, "{root}");
    }
    elsewhere.kustom(&top, &["vendor", &allowed]).good();
    drop(server);
    for (root, expected) in &expected {
        let mut offline = crate::program(&top, &["build", root]);
        let ran: Ran = offline.env("PATH", "/nonexistent").output().expect("it runs").into();
        assert_eq!(ran.good(), *expected, "{root} from the copies");
    }
}
