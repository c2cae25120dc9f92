//! Where values come from.
#![allow(clippy::disallowed_methods)] // the bans are for the library

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustom::yaml::Node;
use kustom::{Builder, Event, Object, StepKind, Trace};

fn trace(dir: &str) -> Trace {
    Builder::new().explain(dir).unwrap()
}

fn text(node: Option<&Node>) -> &str {
    node.and_then(Node::text).unwrap_or_default()
}

/// Returns the rest of the line that an event points at, or the first line of the block there.
fn pointed_at(event: &Event) -> String {
    let Some(location) = &event.location else { return String::new() };
    let file = fs::read_to_string(&location.file).unwrap();
    let mut lines = file.lines().skip(location.line as usize - 1);
    let line = lines.next().unwrap();
    if [" |", " >", " |-", " >-"].iter().any(|end| line.ends_with(end)) {
        return lines.next().unwrap_or_default().trim().to_owned();
    }
    line.chars().skip(location.column as usize - 1).collect()
}

/// Tells whether an event points at its value, at a part of it that a transformer put there, or at the
/// entry of a generator.
fn is_explained(event: &Event) -> bool {
    let value = text(event.after.as_ref());
    let first = value.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let line = pointed_at(event);
    let made = event.kustomization.is_some() && event.entry.is_some();
    match event.step {
        _ if line.is_empty() => false,
        _ if line.contains(first.trim()) || first.starts_with(&line) => true,
        StepKind::Transformer => made && value.contains(line.trim_matches(['"', '\''])),
        StepKind::Generator => {
            made && (line.starts_with("name:") || line.ends_with(&decoded(value)))
        }
        StepKind::Hash => made && value.starts_with(line.trim_start_matches("name: ")),
        StepKind::NameReference => made && event.follows.is_some(),
        _ => false,
    }
}

/// Returns the value that a Secret holds in base64.
fn decoded(value: &str) -> String {
    String::from_utf8(STANDARD.decode(value).unwrap_or_default()).unwrap_or_default()
}

fn check(object: &Object) {
    for field in object.fields() {
        let history = object.history_of(&field);
        let last = history.last().unwrap_or_else(|| panic!("{object} {field}"));
        assert!(is_explained(last), "{object} {last}\n{}", pointed_at(last));
        let tree = object.resource().unwrap().node();
        let parts = field.pointer();
        let value = parts.split('/').skip(1).try_fold(tree, |node, part| match node {
            Node::Seq { items, .. } => items.get(part.parse::<usize>().unwrap()),
            node => node.get(&part.replace("~1", "/").replace("~0", "~")),
        });
        assert_eq!(text(last.after.as_ref()), text(value), "{object} {last}");
        for pair in history.windows(2) {
            assert_eq!(text(pair[0].after.as_ref()), text(pair[1].before.as_ref()), "{}", pair[1]);
        }
    }
}

#[test]
fn every_value_of_the_sample_is_explained() {
    for dir in [
        "apps/payments-api/overlays/prod",
        "apps/payments-api/overlays/staging",
        "apps/payments-api/overlays/dev",
        "apps/notifications/overlays/prod",
        "apps/notifications/overlays/staging",
        "apps/notifications/overlays/dev",
        "platform/argocd",
        "platform/cert-manager",
        "platform/external-secrets",
        "platform/ingress-nginx",
        "clusters/prod-us-east-1",
    ] {
        let dir = format!("testdata/infra-config/{dir}");

        let trace = trace(&dir);
        assert_eq!(trace.build().as_yaml(), kustom::build(&dir).unwrap().as_yaml());
        let objects: Vec<Object> = trace.objects().filter(|o| o.resource().is_some()).collect();
        assert_eq!(objects.len(), trace.build().resources().len());
        objects.iter().for_each(check);
    }
}
