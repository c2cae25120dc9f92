//! How much a build may take, and the account of what it took.
//!
//! Whoever is about to allocate asks the [`Account`] first: an allocation that fails cannot be caught
//! by anybody. The counts are of what the input asks for, not of clocks or of the machine, so the same
//! input is refused everywhere or nowhere.

mod account;
mod cancel;
mod held;

pub(crate) use account::{Account, Spent, Stop};
pub use cancel::Cancel;
pub(crate) use held::{COLLECTION, ENTRY, RESOURCE, VALUE, collection};

/// How much one build may take. What is beyond is refused with an error of the kind
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit) that [names the limit](crate::Error::limit).
///
/// The [default](Limits::default) is far above what real repositories need. Start from one of the
/// three and change what has to differ:
///
/// ```
/// let mut limits = kustom::Limits::untrusted();
/// limits.output_bytes = 1 << 20;
/// let builder = kustom::Builder::new().limits(limits);
/// # let _ = builder;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files together, each as often as it is read.
    pub read_bytes: u64,
    /// Files that are read.
    pub files: u64,
    /// Kustomizations that are visited; one that is visited twice counts twice, for two that name two
    /// each that name two each are visited 2ⁿ times.
    pub kustomizations: u64,
    /// How many kustomizations lead from one to the next.
    pub layers: u64,
    /// Documents in all files together.
    pub documents: u64,
    /// Resources that are added to a layer, in all layers together.
    pub resources: u64,
    /// Resources that steps are run on, in all: a transformer that runs on ten counts ten, and so does a
    /// base of ten that is taken in.
    pub step_resources: u64,
    /// Values (scalars, maps and lists) that are copied from one place to another, in all: by aliases,
    /// JSON patches and replacements.
    pub nodes: u64,
    /// Bytes of all values that steps create, or that stand in several places because a base or a patch
    /// is used again, as if nothing of them was shared: about 50 for each entry of a map, 25 for each
    /// element of a list, 200 for each small collection, without their texts.
    pub tree_bytes: u64,
    /// How deep collections may nest.
    pub nesting: u64,
    /// Bytes of one text that a step makes: a name with its prefix, a value with vars replaced.
    pub value_bytes: u64,
    /// Bytes of all texts that steps make, together.
    pub made_bytes: u64,
    /// Bytes of the output.
    pub output_bytes: u64,
    /// Work of patterns: about one for each character that is looked at, and for each instruction that
    /// a pattern is compiled to.
    pub pattern_work: u64,
    /// Comparisons of keys and elements where a place has to be searched for: of long lists that merge by key
    /// and have elements without one each with each, of long maps of labels and annotations half of the
    /// entries, and eight for each byte of a YAML or JSON text in which a replacement writes a field. Of what
    /// [`compare`](crate::diff::compare) does, as well: for values that differ, of elements that may be the same one
    /// each with each.
    pub comparisons: u64,
    /// Bytes of the message of an error.
    pub message_bytes: u64,
    /// Bytes of what [`Builder::explain`](crate::Builder::explain) keeps of values that steps changed, counted as
    /// those of `tree_bytes`.
    pub history_bytes: u64,
    /// Bytes of the changes that one comparison of two sets finds, about as they take memory: some hundred for each
    /// field that differs, and its values.
    pub diff_bytes: u64,
    /// Bytes of the results of all builds of one call, which are there together: their texts, and the values that
    /// steps created for them, counted as those of `tree_bytes`. The other limits are of each build. If there is more,
    /// all builds of the call are refused, since which one came too late is a matter of threads. Comparisons with the same
    /// [options](crate::diff::Options) count together in the same way.
    pub call_bytes: u64,
}

/// The name of one of the [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::file_bytes`]
    FileBytes,
    /// [`Limits::read_bytes`]
    ReadBytes,
    /// [`Limits::files`]
    Files,
    /// [`Limits::kustomizations`]
    Kustomizations,
    /// [`Limits::layers`]
    Layers,
    /// [`Limits::documents`]
    Documents,
    /// [`Limits::resources`]
    Resources,
    /// [`Limits::step_resources`]
    StepResources,
    /// [`Limits::nodes`]
    Nodes,
    /// [`Limits::tree_bytes`]
    TreeBytes,
    /// [`Limits::nesting`]
    Nesting,
    /// [`Limits::value_bytes`]
    ValueBytes,
    /// [`Limits::made_bytes`]
    MadeBytes,
    /// [`Limits::output_bytes`]
    OutputBytes,
    /// [`Limits::pattern_work`]
    PatternWork,
    /// [`Limits::comparisons`]
    Comparisons,
    /// [`Limits::message_bytes`]
    MessageBytes,
    /// [`Limits::history_bytes`]
    HistoryBytes,
    /// [`Limits::call_bytes`]
    CallBytes,
    /// [`Limits::diff_bytes`]
    DiffBytes,
}

impl Limit {
    const ALL: [Limit; 20] = [
        Limit::FileBytes,
        Limit::ReadBytes,
        Limit::Files,
        Limit::Kustomizations,
        Limit::Layers,
        Limit::Documents,
        Limit::Resources,
        Limit::StepResources,
        Limit::Nodes,
        Limit::TreeBytes,
        Limit::Nesting,
        Limit::ValueBytes,
        Limit::MadeBytes,
        Limit::OutputBytes,
        Limit::PatternWork,
        Limit::Comparisons,
        Limit::MessageBytes,
        Limit::HistoryBytes,
        Limit::CallBytes,
        Limit::DiffBytes,
    ];

    /// Returns the name, for programs: that of the field of [`Limits`].
    pub fn as_str(self) -> &'static str {
        match self {
            Limit::FileBytes => "file_bytes",
            Limit::ReadBytes => "read_bytes",
            Limit::Files => "files",
            Limit::Kustomizations => "kustomizations",
            Limit::Layers => "layers",
            Limit::Documents => "documents",
            Limit::Resources => "resources",
            Limit::StepResources => "step_resources",
            Limit::Nodes => "nodes",
            Limit::TreeBytes => "tree_bytes",
            Limit::Nesting => "nesting",
            Limit::ValueBytes => "value_bytes",
            Limit::MadeBytes => "made_bytes",
            Limit::OutputBytes => "output_bytes",
            Limit::PatternWork => "pattern_work",
            Limit::Comparisons => "comparisons",
            Limit::MessageBytes => "message_bytes",
            Limit::HistoryBytes => "history_bytes",
            Limit::CallBytes => "call_bytes",
            Limit::DiffBytes => "diff_bytes",
        }
    }

    /// Says what there is too much of.
    fn words(self) -> &'static str {
        match self {
            Limit::FileBytes => "a file has more bytes than",
            Limit::ReadBytes => "all files together have more bytes than",
            Limit::Files => "more files are read than",
            Limit::Kustomizations => "more kustomizations are visited than",
            Limit::Layers => "more kustomizations lead from one to the next than",
            Limit::Documents => "there are more documents than",
            Limit::Resources => "there are more resources than",
            Limit::StepResources => "steps are run on more resources than",
            Limit::Nodes => "aliases, patches and replacements copy more values than",
            Limit::TreeBytes => "created and repeated values would take more bytes than",
            Limit::Nesting => "collections nest deeper than",
            Limit::ValueBytes => "a value would have more bytes than",
            Limit::MadeBytes => "the values that are made would have more bytes than",
            Limit::OutputBytes => "the output would have more bytes than",
            Limit::PatternWork => "patterns take more work than",
            Limit::Comparisons => "finding what belongs together takes more comparisons than",
            Limit::MessageBytes => "a message has more bytes than",
            Limit::HistoryBytes => "the history of all values would have more bytes than",
            Limit::CallBytes => {
                "the results of all kustomizations together would have more bytes than"
            }
            Limit::DiffBytes => "the differences would take more bytes than",
        }
    }
}

impl Default for Limits {
    /// Returns limits for repositories of people one knows: generous, but a small input cannot take
    /// all memory.
    fn default() -> Self {
        Limits {
            file_bytes: 64 << 20,
            read_bytes: 512 << 20,
            files: 200_000,
            kustomizations: 10_000,
            layers: 5_000,
            documents: 1_000_000,
            resources: 1_000_000,
            step_resources: 5_000_000,
            nodes: 1_000_000,
            tree_bytes: 96 << 20,
            nesting: 10_000,
            value_bytes: 16 << 20,
            made_bytes: 64 << 20,
            output_bytes: 64 << 20,
            pattern_work: 100_000_000,
            comparisons: 200_000_000,
            message_bytes: 16 << 10,
            history_bytes: 96 << 20,
            diff_bytes: 96 << 20,
            call_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// Returns limits for repositories of strangers: a few MiB in and out.
    pub fn untrusted() -> Limits {
        Limits {
            file_bytes: 4 << 20,
            read_bytes: 32 << 20,
            files: 5_000,
            kustomizations: 1_000,
            layers: 100,
            documents: 20_000,
            resources: 20_000,
            step_resources: 500_000,
            nodes: 100_000,
            tree_bytes: 16 << 20,
            nesting: 200,
            value_bytes: 2 << 20,
            made_bytes: 16 << 20,
            output_bytes: 16 << 20,
            pattern_work: 10_000_000,
            comparisons: 50_000_000,
            message_bytes: 4 << 10,
            history_bytes: 32 << 20,
            diff_bytes: 16 << 20,
            call_bytes: 256 << 20,
        }
    }

    /// Returns no limits but two: the nesting that upstream has, and 50,000 kustomizations that lead from
    /// one to the next. Only for input that one wrote oneself.
    pub fn none() -> Limits {
        Limits {
            file_bytes: u64::MAX,
            read_bytes: u64::MAX,
            files: u64::MAX,
            kustomizations: u64::MAX,
            layers: 50_000,
            documents: u64::MAX,
            resources: u64::MAX,
            step_resources: u64::MAX,
            nodes: u64::MAX,
            tree_bytes: u64::MAX,
            nesting: 10_000,
            value_bytes: u64::MAX,
            made_bytes: u64::MAX,
            output_bytes: u64::MAX,
            pattern_work: u64::MAX,
            comparisons: u64::MAX,
            message_bytes: u64::MAX,
            history_bytes: u64::MAX,
            diff_bytes: u64::MAX,
            call_bytes: u64::MAX,
        }
    }

    fn get(&self, limit: Limit) -> u64 {
        match limit {
            Limit::FileBytes => self.file_bytes,
            Limit::ReadBytes => self.read_bytes,
            Limit::Files => self.files,
            Limit::Kustomizations => self.kustomizations,
            Limit::Layers => self.layers,
            Limit::Documents => self.documents,
            Limit::Resources => self.resources,
            Limit::StepResources => self.step_resources,
            Limit::Nodes => self.nodes,
            Limit::TreeBytes => self.tree_bytes,
            Limit::Nesting => self.nesting,
            Limit::ValueBytes => self.value_bytes,
            Limit::MadeBytes => self.made_bytes,
            Limit::OutputBytes => self.output_bytes,
            Limit::PatternWork => self.pattern_work,
            Limit::Comparisons => self.comparisons,
            Limit::MessageBytes => self.message_bytes,
            Limit::HistoryBytes => self.history_bytes,
            Limit::CallBytes => self.call_bytes,
            Limit::DiffBytes => self.diff_bytes,
        }
    }
}
