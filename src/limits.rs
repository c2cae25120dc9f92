//! How much a build may take, and the account of what it took.
//!
//! Whoever is about to allocate asks the [`Account`] first: an allocation that fails cannot be caught
//! by anybody. The counts are of what the input asks for, not of clocks or of the machine, so the same
//! input is refused everywhere or nowhere.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

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
    /// Bytes of the message of an error.
    pub message_bytes: u64,
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
    /// [`Limits::message_bytes`]
    MessageBytes,
}

impl Limit {
    const ALL: [Limit; 15] = [
        Limit::FileBytes,
        Limit::ReadBytes,
        Limit::Files,
        Limit::Kustomizations,
        Limit::Layers,
        Limit::Documents,
        Limit::Resources,
        Limit::StepResources,
        Limit::Nodes,
        Limit::Nesting,
        Limit::ValueBytes,
        Limit::MadeBytes,
        Limit::OutputBytes,
        Limit::PatternWork,
        Limit::MessageBytes,
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
            Limit::Nesting => "nesting",
            Limit::ValueBytes => "value_bytes",
            Limit::MadeBytes => "made_bytes",
            Limit::OutputBytes => "output_bytes",
            Limit::PatternWork => "pattern_work",
            Limit::MessageBytes => "message_bytes",
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
            Limit::Nesting => "collections nest deeper than",
            Limit::ValueBytes => "a value would have more bytes than",
            Limit::MadeBytes => "the values that are made would have more bytes than",
            Limit::OutputBytes => "the output would have more bytes than",
            Limit::PatternWork => "patterns take more work than",
            Limit::MessageBytes => "a message has more bytes than",
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
            nesting: 10_000,
            value_bytes: 16 << 20,
            made_bytes: 64 << 20,
            output_bytes: 64 << 20,
            pattern_work: 100_000_000,
            message_bytes: 16 << 10,
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
            nesting: 200,
            value_bytes: 2 << 20,
            made_bytes: 16 << 20,
            output_bytes: 16 << 20,
            pattern_work: 10_000_000,
            message_bytes: 4 << 10,
        }
    }

    /// Returns no limits but the nesting that the reference has: only for input that one wrote oneself.
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
            nesting: 10_000,
            value_bytes: u64::MAX,
            made_bytes: u64::MAX,
            output_bytes: u64::MAX,
            pattern_work: u64::MAX,
            message_bytes: u64::MAX,
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
            Limit::Nesting => self.nesting,
            Limit::ValueBytes => self.value_bytes,
            Limit::MadeBytes => self.made_bytes,
            Limit::OutputBytes => self.output_bytes,
            Limit::PatternWork => self.pattern_work,
            Limit::MessageBytes => self.message_bytes,
        }
    }
}

/// What lets a caller stop a build; all clones stop the same builds.
///
/// ```
/// let cancel = kustom::Cancel::new();
/// let builder = kustom::Builder::new().cancel(&cancel);
/// cancel.stop();
/// let error = builder.build("testdata/infra-config/apps/payments-api/overlays/dev").unwrap_err();
/// assert_eq!(error.kind(), kustom::ErrorKind::Cancelled);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Returns one that stops nothing yet.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Stops the builds that were given this one: each ends with an error of the kind
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) when it comes to its next step.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns `true` once [`stop`](Self::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why a build may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// There is more of something than this.
    Exceeded(Limit, u64),
    /// The caller does not want it any more.
    Cancelled,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Exceeded(limit, most) => write!(f, "{} {most}", limit.words()),
            Stop::Cancelled => f.write_str("the build was cancelled"),
        }
    }
}

/// What one build, or the builds of one call, have taken so far.
#[derive(Debug)]
pub(crate) struct Account {
    limits: Limits,
    cancel: Cancel,
    /// For how many builds this is.
    builds: AtomicU64,
    spent: [AtomicU64; Limit::ALL.len()],
    /// One more than the number of the limit that somebody met who could not say so.
    exceeded: AtomicU8,
}

/// What was spent between two moments.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent([u64; Limit::ALL.len()]);

impl Default for Account {
    fn default() -> Self {
        Account::new(Limits::default(), Cancel::default())
    }
}

impl Account {
    /// Returns an account of which nothing is spent, for one build.
    pub(crate) fn new(limits: Limits, cancel: Cancel) -> Account {
        Account {
            limits,
            cancel,
            builds: AtomicU64::new(1),
            spent: Default::default(),
            exceeded: AtomicU8::new(0),
        }
    }

    /// Returns an account with the same limits, of which nothing is spent.
    pub(crate) fn anew(&self) -> Account {
        Account::new(self.limits, self.cancel.clone())
    }

    /// Returns the limits.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lets so many more builds spend.
    pub(crate) fn admit(&self, builds: usize) {
        self.builds.fetch_add(builds as u64, Ordering::Relaxed);
    }

    /// Spends what is about to be taken.
    ///
    /// # Errors
    /// If that is more than there is.
    pub(crate) fn charge(&self, limit: Limit, amount: u64) -> Result<(), Stop> {
        let most = self.limits.get(limit).saturating_mul(self.builds.load(Ordering::Relaxed));
        let Some(spent) = self.spent.get(limit as usize) else { return Ok(()) };
        let before = spent.fetch_add(amount, Ordering::Relaxed);
        match before.checked_add(amount) {
            Some(after) if after <= most => Ok(()),
            _ => {
                // What was refused was not taken. This also keeps the sum from going round.
                spent.fetch_sub(amount, Ordering::Relaxed);
                Err(Stop::Exceeded(limit, most))
            }
        }
    }

    /// As [`charge`](Self::charge), where no error can be told: answers whether it was spent, and
    /// [`check`](Self::check) fails from then on if not.
    pub(crate) fn spend(&self, limit: Limit, amount: u64) -> bool {
        let is_spent = self.charge(limit, amount).is_ok();
        if !is_spent {
            self.exceeded.store(limit as u8 + 1, Ordering::Relaxed);
        }
        is_spent
    }

    /// Checks something that does not add up.
    ///
    /// # Errors
    /// If there is more of it than there may be.
    pub(crate) fn allow(&self, limit: Limit, amount: u64) -> Result<(), Stop> {
        let most = self.limits.get(limit);
        if amount <= most { Ok(()) } else { Err(Stop::Exceeded(limit, most)) }
    }

    /// Spends the bytes of a text that a step is about to make.
    ///
    /// # Errors
    /// If it is too long, or all such texts together are.
    pub(crate) fn charge_text(&self, bytes: usize) -> Result<(), Stop> {
        self.allow(Limit::ValueBytes, bytes as u64)?;
        self.charge(Limit::MadeBytes, bytes as u64)
    }

    /// Asks whether the build may go on; called at every step.
    ///
    /// # Errors
    /// If the caller has cancelled it, or a limit was met where nobody could say so.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.cancel.is_stopped() {
            return Err(Stop::Cancelled);
        }
        let exceeded = self.exceeded.load(Ordering::Relaxed);
        let limit = exceeded.checked_sub(1).and_then(|i| Limit::ALL.get(usize::from(i)));
        limit.map_or(Ok(()), |limit| Err(Stop::Exceeded(*limit, self.limits.get(*limit))))
    }

    /// Returns how much of something is left.
    pub(crate) fn left(&self, limit: Limit) -> u64 {
        let most = self.limits.get(limit).saturating_mul(self.builds.load(Ordering::Relaxed));
        let spent = self.spent.get(limit as usize).map_or(0, |s| s.load(Ordering::Relaxed));
        most.saturating_sub(spent)
    }

    /// Returns what has been spent.
    pub(crate) fn spent(&self) -> Spent {
        Spent(std::array::from_fn(|i| {
            self.spent.get(i).map_or(0, |spent| spent.load(Ordering::Relaxed))
        }))
    }

    /// Spends again what was spent to make something that is used again.
    ///
    /// # Errors
    /// If that is more than there is.
    pub(crate) fn charge_again(&self, spent: &Spent) -> Result<(), Stop> {
        let all = Limit::ALL.iter().zip(spent.0).filter(|(_, amount)| *amount > 0);
        all.into_iter().try_for_each(|(limit, amount)| self.charge(*limit, amount))
    }
}

impl Spent {
    /// Returns what was spent since an earlier moment.
    pub(crate) fn since(&self, earlier: &Spent) -> Spent {
        let pair = |i: usize| Some((self.0.get(i)?, earlier.0.get(i)?));
        Spent(std::array::from_fn(|i| pair(i).map_or(0, |(now, then)| now.saturating_sub(*then))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_in_the_order_of_their_numbers() {
        for (i, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, i, "{}", limit.as_str());
        }
    }

    #[test]
    fn what_is_refused_is_not_spent() {
        let limits = Limits { files: 3, ..Limits::default() };
        let account = Account::new(limits, Cancel::default());
        assert!(account.charge(Limit::Files, 2).is_ok());
        let stop = account.charge(Limit::Files, u64::MAX);
        assert_eq!(stop, Err(Stop::Exceeded(Limit::Files, 3)));
        assert_eq!(account.left(Limit::Files), 1);
        assert!(account.charge(Limit::Files, 1).is_ok() && account.check().is_ok());
        assert!(!account.spend(Limit::Files, 1));
        assert_eq!(account.check().unwrap_err().to_string(), "more files are read than 3");
        account.admit(1);
        assert!(account.charge(Limit::Files, 3).is_ok());
    }

    #[test]
    fn what_is_used_again_is_spent_again() {
        let limits = Limits { made_bytes: 100, value_bytes: 50, ..Limits::default() };
        let account = Account::new(limits, Cancel::default());
        let before = account.spent();
        assert!(account.charge_text(40).is_ok() && account.charge_text(51).is_err());
        let spent = account.spent().since(&before);
        assert!(account.charge_again(&spent).is_ok());
        assert_eq!(account.charge_again(&spent), Err(Stop::Exceeded(Limit::MadeBytes, 100)));
    }
}
