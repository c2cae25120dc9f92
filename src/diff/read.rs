//! Reads resources that were rendered before.

use std::path::{Path, PathBuf};

use super::as_kubectl;
use crate::diagnostics::{Error, Excerpt, Location, Result, Sources};
use crate::document::Reading;
use crate::limits::Limit;
use crate::mistakes;
use crate::parallel::{SHALLOW, on_large_stack};
use crate::resource::{Resource, stream};
use crate::yaml::{self, Limits, Pos};

/// A text that is no file.
struct Input<'a>(&'a [u8]);

impl Sources for Input<'_> {
    fn locate(&self, pos: Pos) -> Option<Location> {
        // Positions count from 1; 0 is none.
        let before = self.0.get(..(pos.0 as usize).saturating_sub(1)).unwrap_or(self.0);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Some(Location { file: "input".into(), line, column: 0 })
    }

    fn excerpt(&self, _: &Location) -> Option<Excerpt> {
        None
    }

    fn shown(&self, file: &Path) -> PathBuf {
        file.to_path_buf()
    }
}

/// Reads the resources of a text in YAML or JSON: documents, and what lists hold.
///
/// # Errors
/// If it is not YAML, a document is no Kubernetes object, or its aliases stand for more than a [`Reading`] allows.
pub fn read(text: &[u8]) -> Result<Vec<Resource>> {
    read_within(text, &Reading::default())
}

/// As [`read`], of a text that is read together with others.
///
/// # Errors
/// As [`read`], and if the aliases of all stand for too much.
pub fn read_within(text: &[u8], reading: &Reading) -> Result<Vec<Resource>> {
    let place = |e: Error| {
        let error = mistakes::explain_text(e, Path::new("input"), text).resolve(&Input(text));
        error.shortened(crate::Limits::default().message_bytes)
    };
    let start = Pos(1);
    let read = |depth| {
        let documents = yaml::read_stream(text, start, &reading.limits(depth))
            .map_err(|e| place(Error::syntax(&e, start)))?;
        reading.charge(text, &documents)?;
        let mut resources = stream::resources(documents.into()).map_err(place)?;
        for resource in &mut resources {
            as_kubectl::read_as_kubectl(&mut resource.node);
        }
        Ok::<_, Error>(resources)
    };
    read(SHALLOW).or_else(|error| {
        if error.limit() != Some(Limit::Nesting) {
            return Err(error);
        }
        let deep = || {
            let mut resources = read(Limits::default().depth)?;
            resources.iter_mut().for_each(Resource::note_depth);
            Ok(resources)
        };
        on_large_stack(deep).unwrap_or(Err(error))
    })
}
