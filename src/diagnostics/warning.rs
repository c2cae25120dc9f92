//! What deserves attention in a build that succeeds.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostics::doubts::{Doubts, NoChange};
use crate::diagnostics::gist;
use crate::diagnostics::{Excerpt, Location, Sources, WarningKind};
use crate::masked::mask;
use crate::yaml::Pos;

/// A warning about the input; a build that has any still gives its result.
///
/// Two are equal if all that they show is: what is remembered besides depends on the order in which files
/// were read.
#[derive(Clone, Debug)]
pub struct Warning {
    kind: WarningKind,
    text: String,
    field: Option<String>,
    pos: Pos,
    /// How many bytes from the place on it is about.
    length: usize,
    location: Option<Location>,
    excerpt: Option<Excerpt>,
    related: Vec<(&'static str, Pos, Option<Location>)>,
    hint: Option<String>,
    /// The kustomization file of the layer whose step made it.
    layer: Option<Arc<Path>>,
    /// Two values that must have been read from different texts, else there is nothing to say.
    apart: Option<(Pos, Pos)>,
    /// Whether it is a finding of a step that takes what is there, if a component has that step.
    is_general: bool,
    /// The name of the object that it is about, if another root may be about it too.
    subject: Option<String>,
    /// Whether it is about a file that was to bring resources, and brings none.
    lacks_resources: bool,
    /// The field whose absence it tells of: nothing is to be said if the object has it in a wrong place.
    lacks: Option<&'static str>,
    /// What decides whether it is said among others.
    doubts: Doubts,
    /// What it has in common with others that are one finding to people.
    gist: Option<String>,
}

impl Warning {
    /// Returns a warning about the value at `pos`.
    pub(crate) fn new(kind: WarningKind, text: impl Into<String>, pos: Pos) -> Warning {
        Warning {
            kind,
            text: mask(text.into()),
            field: None,
            pos,
            length: 1,
            location: None,
            excerpt: None,
            related: Vec::new(),
            hint: None,
            layer: None,
            apart: None,
            is_general: false,
            subject: None,
            lacks_resources: false,
            lacks: None,
            doubts: Doubts::default(),
            gist: None,
        }
    }

    /// Adds one sentence on what to do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Warning {
        self.hint = Some(mask(hint.into()));
        self
    }

    /// Sets how many bytes from the place on need no other warning.
    #[must_use]
    pub(crate) fn covering(mut self, length: usize) -> Warning {
        self.length = length.max(1);
        self
    }

    /// Adds the field of the kustomization.
    #[must_use]
    pub(crate) fn in_field(mut self, field: impl Into<String>) -> Warning {
        self.field = Some(field.into());
        self
    }

    /// Adds another place that plays a part.
    #[must_use]
    pub(crate) fn related(mut self, what: &'static str, pos: Pos) -> Warning {
        if pos.is_some() {
            self.related.push((what, pos, None));
        }
        self
    }

    /// Adds a file as the place.
    #[must_use]
    pub(crate) fn of_file(mut self, file: &Path) -> Warning {
        self.location = Some(Location { file: file.to_path_buf(), line: 0, column: 0 });
        self
    }

    /// Says it only if two values were read from different files or patches.
    #[must_use]
    pub(crate) fn if_apart(mut self, one: Pos, other: Pos) -> Warning {
        self.apart = Some((one, other));
        self
    }

    /// Says it only if the step is not one of a component, which is written for many bases.
    #[must_use]
    pub(crate) fn unless_in_component(mut self, unless: bool) -> Warning {
        self.is_general = unless;
        self
    }

    /// Says it only if no other root of the call refers to the object of this name.
    #[must_use]
    pub(crate) fn unless_used_elsewhere(mut self, name: impl Into<String>) -> Warning {
        self.subject = Some(name.into());
        self
    }

    /// Says it only if one root alone is looked at: in a repository it is mostly on purpose.
    #[must_use]
    pub(crate) fn if_alone(mut self, if_alone: bool) -> Warning {
        self.doubts.is_minor = if_alone;
        self
    }

    /// Says it only if no object of the call is in a namespace.
    #[must_use]
    pub(crate) fn unless_in_use(mut self, namespace: impl Into<String>) -> Warning {
        self.doubts.namespace = Some(namespace.into());
        self
    }

    /// Says it only if what has no namespace in the build is not deployed to this one.
    #[must_use]
    pub(crate) fn unless_deployed_to(mut self, namespace: impl Into<String>) -> Warning {
        self.doubts.home = Some(namespace.into()).filter(|namespace| !namespace.is_empty());
        self
    }

    /// Says it only if Flux does not give the objects their namespace.
    #[must_use]
    pub(crate) fn unless_given_a_namespace(mut self, unless: bool) -> Warning {
        self.doubts.is_filled_in = unless;
        self
    }

    /// Says it only if Flux does not patch the sources that objects name.
    #[must_use]
    pub(crate) fn unless_sources_are_patched(mut self, unless: bool) -> Warning {
        self.doubts.is_of_source = unless;
        self
    }

    /// Says it only if the objects are not in a namespace that was said in vain.
    #[must_use]
    pub(crate) fn unless_they_are_in(mut self, namespace: Option<&str>) -> Warning {
        self.doubts.said = namespace.map(str::to_owned);
        self
    }

    /// Notes what a patch sets that changes nothing.
    #[must_use]
    pub(crate) fn changing_nothing(mut self, what: NoChange) -> Warning {
        self.doubts.patch = Some(what);
        self
    }

    /// Notes what it has in common with others that are one finding to people, if that is not its text without
    /// names of objects.
    #[must_use]
    pub(crate) fn alike(mut self, gist: impl Into<String>) -> Warning {
        self.gist = Some(gist.into());
        self
    }

    /// Notes that a file was to bring resources, and brings none.
    #[must_use]
    pub(crate) fn lacking_resources(mut self, lacks_resources: bool) -> Warning {
        self.lacks_resources = lacks_resources;
        self
    }

    /// Returns `true` if it is about a file that was to bring resources, and brings none.
    pub(crate) fn lacks_resources(&self) -> bool {
        self.lacks_resources
    }

    /// Says it only if the object has no such field in a place where it is not known.
    #[must_use]
    pub(crate) fn unless_misplaced(mut self, field: &'static str) -> Warning {
        self.lacks = Some(field);
        self
    }

    /// Returns the field whose absence it tells of.
    pub(crate) fn lacks(&self) -> Option<&'static str> {
        self.lacks
    }

    /// Returns the place, and how many bytes from there on need no other warning.
    pub(crate) fn extent(&self) -> (Pos, usize) {
        (self.pos, self.length)
    }

    /// Returns the name that another root may refer to.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Returns `true` if there is nothing to say when a component has the step.
    pub(crate) fn is_general(&self) -> bool {
        self.is_general
    }

    /// Returns the values that must have been read from different texts.
    pub(crate) fn apart(&self) -> Option<(Pos, Pos)> {
        self.apart
    }

    /// Returns what decides whether it is said among others.
    pub(crate) fn doubts(&self) -> &Doubts {
        &self.doubts
    }

    /// Returns the kustomization file of the layer whose step made it.
    pub(crate) fn layer(&self) -> Option<&Arc<Path>> {
        self.layer.as_ref()
    }

    /// Puts the list entry that it is about before the field, and adds the place unless one is known.
    pub(crate) fn complete(
        &mut self,
        layer: &Arc<Path>,
        entry: impl fmt::Display,
        pos: impl FnOnce(&str) -> Pos,
    ) {
        self.layer = Some(Arc::clone(layer));
        let field = match self.field.take() {
            Some(field) if field.starts_with('[') => format!("{entry}{field}"),
            Some(field) => format!("{entry}.{field}"),
            None => entry.to_string(),
        };
        if !self.pos.is_some() {
            self.pos = pos(&field);
        }
        self.field = Some(field);
    }

    /// Turns positions into locations that show paths as the user would type them.
    #[must_use]
    pub(crate) fn resolve(mut self, sources: &dyn Sources) -> Warning {
        if self.location.is_none() && self.pos.is_some() {
            self.location = sources.locate(self.pos);
            self.excerpt = self.location.as_ref().and_then(|place| sources.excerpt(place));
        }
        for (_, pos, location) in &mut self.related {
            *location = sources.locate(*pos);
        }
        self.doubts.resolve(sources, self.location.as_ref().map(|place| place.file.as_path()));
        let related = self.related.iter_mut().flat_map(|(_, _, location)| location);
        for location in self.location.iter_mut().chain(related) {
            location.file = sources.shown(&location.file);
        }
        self
    }

    /// Puts other words in the place of all texts that may hold values, as
    /// [`Error::concealed`](crate::Error::concealed) does.
    pub(crate) fn redact(&mut self, redact: &dyn Fn(&str) -> Option<String>) {
        for text in [Some(&mut self.text), self.hint.as_mut(), self.field.as_mut()] {
            if let Some(text) = text
                && let Some(concealed) = redact(text)
            {
                *text = concealed;
            }
        }
        if self.excerpt.as_ref().is_some_and(|excerpt| redact(&excerpt.text).is_some()) {
            self.excerpt = None;
        }
    }

    /// Returns the class of the warning.
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// Returns the text; for what upstream says as well, the line that it prints.
    pub fn message(&self) -> &str {
        &self.text
    }

    /// Returns the field of the kustomization that it is about, such as `patches[2]`.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Returns the lines of the file around the place.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_ref()
    }

    /// Returns the place that the warning is about.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    /// Returns other places that play a part, each with words such as `replaces the list at`.
    pub fn related_places(&self) -> impl Iterator<Item = (&'static str, &Location)> {
        self.related.iter().filter_map(|(what, _, place)| Some((*what, place.as_ref()?)))
    }

    /// Returns what it has in common with others that people take for one finding, such as one mistake in many files:
    /// those of one kind with the same text. It is no text to show.
    pub fn gist(&self) -> String {
        let own = self.gist.as_deref();
        own.map_or_else(|| gist::of(&self.text, self.hint.as_deref()), str::to_owned)
    }

    /// Returns one sentence on what to do.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl PartialEq for Warning {
    fn eq(&self, other: &Warning) -> bool {
        self.kind == other.kind
            && self.location == other.location
            && self.text == other.text
            && self.field == other.field
            && self.excerpt == other.excerpt
            && self.hint == other.hint
            && self.related_places().eq(other.related_places())
    }
}

impl Eq for Warning {}

/// Writes the line that upstream prints, without a line break; for others as an
/// [`Error`](crate::Error) is written.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.kind.is_lint() {
            return f.write_str(&self.text);
        }
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.text)?;
        for (what, place) in self.related_places() {
            write!(f, "\n  {what} {place}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {}", hint.replace('\n', "\n    "))?;
        }
        Ok(())
    }
}
