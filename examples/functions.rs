//! Runs KRM functions inside of the process: no container, no program.
//!
//! `cargo run --example functions`

#![allow(clippy::print_stdout)] // a program

use std::sync::Arc;

use kustom::outside::{
    Failure, FailureKind, Function, FunctionCall, FunctionOutput, FunctionRunner,
};
use serde_json::Value;

/// The functions that this program knows, by the image that a config names.
#[derive(Debug)]
struct InProcess;

impl FunctionRunner for InProcess {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        let failed = |e: serde_yaml::Error| Failure::new(FailureKind::Failed, e.to_string());
        let Function::Container(container) = call.function else {
            return Err(Failure::new(FailureKind::Refused, "only known images run here"));
        };
        let mut list: Value = serde_yaml::from_slice(call.input).map_err(failed)?;
        match container.image.as_str() {
            "example.com/set-owner" => set_owner(&mut list),
            image => {
                return Err(Failure::new(FailureKind::Missing, format!("no function {image}")));
            }
        }
        serde_yaml::to_string(&list).map(FunctionOutput::new).map_err(failed)
    }
}

/// Annotates all items with the owner that the function's config names.
fn set_owner(list: &mut Value) {
    let owner = list["functionConfig"]["spec"]["owner"].clone();
    for item in list["items"].as_array_mut().into_iter().flatten() {
        item["metadata"]["annotations"]["example.com/owner"] = owner.clone();
    }
}

fn main() -> kustom::Result<()> {
    let mut files = kustom::MemoryFs::new();
    files.insert(
        "/app/kustomization.yaml",
        "configMapGenerator: [{name: settings, literals: [color=blue]}]\ntransformers: [owner.yaml]\n",
    );
    files.insert(
        "/app/owner.yaml",
        "apiVersion: example.com/v1\nkind: SetOwner\nmetadata:\n  name: owner\n  annotations:\n    \
         config.kubernetes.io/function: |\n      container: {image: example.com/set-owner}\n\
         spec: {owner: team-payments}\n",
    );
    let builder = kustom::Builder::new().file_system(files).functions(Arc::new(InProcess));
    println!("{}", builder.build("/app")?);
    Ok(())
}
