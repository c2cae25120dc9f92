//! Generators: objects made from literals, files and settings (docs/spec/generators.md).

mod absorb;
mod config;
mod hash;
mod hash_text;
mod iam_policy;
mod sources;

use absorb::DATA;
pub(crate) use absorb::{Merged, absorb};
pub(crate) use config::{GeneratedKind, generate, merge_options};
pub(crate) use hash::content_hash;
pub(crate) use iam_policy::{IamPolicyArgs, iam_policy};

pub(crate) use sources::pairs;

use crate::diagnostics::Result;
use crate::kustomization::{GeneratorArgs, Kustomization};
use crate::limits::{Limit, RESOURCE, Stop};
use crate::load::{Files, Loader};
use crate::resource::{Resource, ResourceSet};
use crate::schema::Schema;
use crate::yaml::{self, Mapping};

/// Makes what the two generator lists of a kustomization say, in order.
///
/// # Errors
/// If an entry is wrong or a file cannot be read.
pub(crate) fn of_layer(
    files: &Files,
    loader: &Loader,
    kustomization: &Kustomization,
) -> Result<Vec<(GeneratedKind, Resource)>> {
    let mut made = Vec::new();
    for (kind, field, entries) in [
        (GeneratedKind::ConfigMap, "configMapGenerator", &kustomization.config_map_generator),
        (GeneratedKind::Secret, "secretGenerator", &kustomization.secret_generator),
    ] {
        for (i, entry) in entries.iter().enumerate() {
            let mut args = entry.value.clone();
            merge_options(&mut args, kustomization.generator_options.as_ref());
            let account = files.account();
            account.charge_created(RESOURCE)?;
            let given = pairs_of_options(&args);
            account.charge_entries(given.clone().count())?;
            let bytes = given.map(|(key, value)| key.len() + value.len()).sum::<usize>();
            account.charge(Limit::MadeBytes, bytes as u64)?;
            let mut load = |path: &str| loader.read_value(files, path);
            let resource = generate(kind, &args, entry.pos, &mut load)
                .map_err(|e| e.at(entry.pos).in_field(format!("{field}[{i}]")))?;
            let data = DATA.iter().filter_map(|key| resource.node.get(key)?.as_map());
            account.charge_entries(data.map(Mapping::len).sum())?;
            made.push((kind, resource));
        }
    }
    Ok(made)
}

/// Returns the labels and annotations that a generated object is given.
fn pairs_of_options(args: &GeneratorArgs) -> impl Iterator<Item = (&String, &String)> + Clone {
    args.options.iter().flat_map(|options| options.labels.iter().chain(&options.annotations))
}

/// Appends the content hash to the name of every resource that wants it; without the `files`, the
/// hash of other kinds than ConfigMap and Secret does not know how they are written.
///
/// # Errors
/// If the content has no JSON form.
pub(crate) fn append_hashes(
    set: &mut ResourceSet,
    schema: &Schema,
    files: Option<&Files>,
) -> Result<()> {
    for slot in set.slot_numbers() {
        let Some(resource) = set.get(slot).filter(|r| r.history.needs_hash) else { continue };
        // The text that is hashed has every value in full, however often it is shared.
        let most = files.map_or(u64::MAX, |files| files.account().limits().output_bytes);
        let most_bytes = usize::try_from(most).unwrap_or(usize::MAX);
        if yaml::measure_bytes(&resource.node, most_bytes).is_none() {
            return Err(Stop::Exceeded(Limit::OutputBytes, most).into());
        }
        let name = format!("{}-{}", resource.name(), content_hash(resource, files)?);
        set.rename(slot, schema, |resource| {
            resource.remember_id(schema);
            resource.set_name(name);
        });
    }
    Ok(())
}
