//! What functions and legacy plugins are given: `testdata/function-inputs`, recorded from upstream.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kustom::Builder;
use kustom::outside::{
    Failure, Function, FunctionCall, FunctionOutput, FunctionRunner, PluginKind,
};

/// Writes down what it is given, and answers as the case says.
#[derive(Debug)]
struct Recorder {
    answers: PathBuf,
    log: Mutex<String>,
}

impl FunctionRunner for Recorder {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        let input = std::str::from_utf8(call.input).unwrap();
        let (name, line) = match call.function {
            Function::Container(container) => {
                (container.image.as_str(), format!("container {}\n{input}", container.image))
            }
            Function::Plugin(plugin) => {
                let kind = plugin.path.to_str().unwrap();
                (kind, format!("plugin {kind}\n{}stdin:\n{input}", plugin.config))
            }
            _ => panic!("a program"),
        };
        self.log.lock().unwrap().push_str(&line);
        let answer = fs::read(self.answers.join(name));
        Ok(FunctionOutput::new(answer.unwrap_or_else(|_| call.input.to_vec())))
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        Ok(PathBuf::from(&plugin.kind))
    }
}

#[test]
fn functions_are_given_what_upstream_gives_them() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/function-inputs");
    let mut cases: Vec<_> = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    assert!(cases.len() > 2);
    for case in cases {
        let log = Mutex::default();
        let recorder = Arc::new(Recorder { answers: case.join("answers"), log });
        let builder = Builder::new().functions(Arc::<Recorder>::clone(&recorder));
        let build = builder.build(case.join("app")).unwrap();
        let expected = |name: &str| fs::read_to_string(case.join(name)).unwrap();
        let log = recorder.log.lock().unwrap();
        let differs = log.lines().zip(expected("expected.log").lines()).position(|(a, b)| a != b);
        assert_eq!(*log, expected("expected.log"), "{}: line {differs:?}", case.display());
        assert_eq!(build.to_string(), expected("expected.yaml"), "{}", case.display());
    }
}
