//! The `openapi` field: which schema is in force (docs/spec/openapi.md, section 5).

use super::layer::Layer;
use crate::build_context::Context;
use crate::checks;
use crate::diagnostics::hints::OPENAPI_VERSION;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::Files;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::yaml::{self, Merges, Node, Pos};

/// The only built-in schema.
const BUILTIN: &str = "v1.21.2";

/// The choice of a schema: the first layer that says something decides for the whole build.
#[derive(Debug, Default)]
pub(crate) struct SchemaChoice {
    chosen: bool,
    /// Whether upstream has loaded its built-in schema, which then stays below a custom one.
    used: bool,
    /// Whether it was used since [`watch`](Self::watch).
    used_lately: bool,
    /// Where the custom schema was read from, if there is one.
    custom_at: Pos,
    /// What is wrong with the schema; upstream finds out when it first uses it.
    broken: Option<Error>,
}

impl SchemaChoice {
    /// Lets a layer choose.
    ///
    /// # Errors
    /// If its file cannot be read, or it names a schema that is not known.
    pub(crate) fn offer(&mut self, files: &Files, layer: &Layer, cx: &mut Context) -> Result<()> {
        let openapi = &layer.kustomization.openapi;
        if openapi.is_empty() {
            return Ok(());
        }
        let get = |key: &str| openapi.get(key).map(String::as_str);
        let (path, version) = (get("path"), get("version").filter(|v| !v.is_empty()));
        // A file must be there even if it is not used any more.
        let file = path.map(|path| layer.loader.read(files, path)).transpose();
        let file = file.map_err(|e| e.in_field("openapi"))?;
        let refuse =
            |message| Err(Error::new(ErrorKind::Kustomization, message).in_field("openapi"));
        match (self.chosen, file, version) {
            (true, ..) | (_, None, None) => return Ok(()),
            (_, Some(_), Some(_)) => {
                return refuse("builtin version and custom schema provided, cannot use both");
            }
            (_, None, Some(BUILTIN)) => {}
            (_, None, Some(_)) => {
                return refuse("the specified OpenAPI version is not built in").map_err(|e| {
                    e.hint(OPENAPI_VERSION.with(format!("the only one is {BUILTIN}")))
                });
            }
            (_, Some((bytes, pos)), None) => {
                let node = read(files, &bytes, pos);
                let is_known =
                    node.as_ref().is_ok_and(|node| checks::fields::kinds::no_schema(cx, node));
                match node.and_then(|node| Schema::with_custom(&node, self.used)) {
                    Ok(schema) => {
                        cx.schema = schema;
                        self.custom_at = if is_known { Pos::NONE } else { pos };
                    }
                    Err(e) => self.broken = Some(e.in_field("openapi")),
                }
            }
        }
        self.chosen = true;
        Ok(())
    }

    /// Notes that the scope of these resources was asked.
    ///
    /// # Errors
    /// If that takes a schema, and the one in force is broken.
    pub(crate) fn ask_scope(&mut self, resources: &[Resource]) -> Result<()> {
        if self.is_decided()
            || resources.iter().all(|r| Schema::has_builtin_scope(r.api_version(), r.kind()))
        {
            return Ok(());
        }
        self.take()
    }

    /// Returns `true` if it makes no difference whether the schema is used once more.
    pub(crate) fn is_decided(&self) -> bool {
        self.used && self.broken.is_none()
    }

    /// Returns `true` if a layer has chosen.
    pub(crate) fn is_chosen(&self) -> bool {
        self.chosen
    }

    /// Returns where the custom schema was read from, if there is one.
    pub(crate) fn custom_at(&self) -> Pos {
        self.custom_at
    }

    /// Starts to watch whether the schema is used; returns whether it was since the last time.
    pub(crate) fn watch(&mut self) -> bool {
        std::mem::take(&mut self.used_lately)
    }

    /// Returns `true` if the schema was used since it is watched.
    pub(crate) fn was_used(&self) -> bool {
        self.used_lately
    }

    /// Notes that the schema was used, if it was.
    pub(crate) fn add_use(&mut self, used: bool) {
        self.used |= used;
        self.used_lately |= used;
    }

    /// Notes that the schema is used.
    ///
    /// # Errors
    /// If it is broken.
    pub(crate) fn take(&mut self) -> Result<()> {
        self.add_use(true);
        self.broken.take().map_or(Ok(()), Err)
    }
}

fn read(files: &Files, bytes: &[u8], pos: Pos) -> Result<Node> {
    let invalid = |e: Error| {
        let message = format!("invalid schema file: {}", e.message());
        e.with_message(message)
    };
    if bytes.is_empty() {
        let message = "invalid schema file: it is empty";
        return Err(Error::new(ErrorKind::Kustomization, message).at(pos));
    }
    let text = yaml::decode(bytes).map_err(|e| invalid(Error::syntax(&e, pos)))?;
    let node = yaml::read_document(&text, pos, Merges::Plain, &files.limits())
        .map_err(|e| invalid(Error::syntax(&e, pos)))?;
    yaml::charge_copies(bytes, node.as_slice(), files.account())?;
    Ok(node.unwrap_or_default())
}
