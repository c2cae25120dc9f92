//! What becomes of the answers of functions: `testdata/function-answers`, recorded from upstream.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

mod cases_of;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kustom::outside::{Failure, FunctionCall, FunctionOutput, FunctionRunner};
use kustom::{Builder, MemoryFs};

/// Answers always the same.
#[derive(Debug)]
struct Answer(Vec<u8>);

impl FunctionRunner for Answer {
    fn run(&self, _: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        Ok(FunctionOutput::new(self.0.clone()))
    }
}

const MAPS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {k: v}}\ndata: {v: old}\n\
                    ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\n";
const FUNCTION: &str = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: x\n  annotations:\n    \
                        config.kubernetes.io/function: |\n      container: {image: answer}\n";

#[test]
fn answers_do_what_they_do_upstream() {
    cases_of::check("function-answers", 20, difference);
}

/// Returns how a case differs from what upstream made of it.
fn difference(case: &Path) -> Option<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let role = name.split('-').next().unwrap();
    let mut files = MemoryFs::new();
    files.insert("/app/maps.yaml", MAPS);
    files.insert("/app/fn.yaml", FUNCTION);
    let more = fs::read_to_string(case.join("kustomization")).unwrap_or_default();
    let kustomization = format!("resources: [maps.yaml]\n{role}s: [fn.yaml]\n{more}");
    files.insert("/app/kustomization.yaml", kustomization);
    let answer = Answer(fs::read(case.join("answer")).unwrap());
    let built = Builder::new().file_system(files).functions(Arc::new(answer)).build("/app");
    let expected = fs::read_to_string(case.join("expected.yaml"));
    match (built, expected) {
        (Ok(build), Ok(expected)) if build.to_string() == expected => None,
        (Ok(build), _) => Some(format!("{name}: got\n{build}")),
        (Err(error), Err(_)) => {
            let said = fs::read_to_string(case.join("expected.err")).unwrap();
            // Upstream ends with a dump of the node, or of a map.
            let phrase = said.trim().split([';', ':']).next().unwrap();
            let phrase = phrase.split(" in object").next().unwrap();
            (!error.message().contains(phrase))
                .then(|| format!("{name}: '{}' without '{phrase}'", error.message()))
        }
        (Err(error), Ok(_)) => Some(format!("{name}: {}", error.message())),
    }
}
