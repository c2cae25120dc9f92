//! Reads rendered objects into the types of `k8s-openapi`.
//!
//! `cargo run --manifest-path examples/typed/Cargo.toml`

use k8s_openapi::api::apps::v1::Deployment;

fn main() -> kustom::Result<()> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/infra-config/apps/payments-api/overlays/prod");
    let build = kustom::build(root)?;
    for resource in build.resources().iter().filter(|resource| resource.kind() == "Deployment") {
        let deployment: Deployment = resource.deserialize()?;
        let spec = deployment.spec.unwrap_or_default();
        let pod = spec.template.spec.unwrap_or_default();
        println!("{}: {} replicas", resource.name(), spec.replicas.unwrap_or(1));
        for container in pod.containers {
            println!("  {} {}", container.name, container.image.unwrap_or_default());
        }
    }
    Ok(())
}
