//! The account of what a build took.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{COLLECTION, Cancel, ENTRY, Limit, Limits};

/// Why a build may not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// There is more of something than this.
    Exceeded(Limit, u64),
    /// The caller does not want it any more, for this reason if one was given.
    Cancelled(Option<Box<str>>),
}

impl Stop {
    /// Returns that the caller does not want it any more.
    pub(crate) fn cancelled(cancel: &Cancel) -> Stop {
        Stop::Cancelled(cancel.why().map(Into::into))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Exceeded(limit, most) => write!(f, "{} {most}", limit.words()),
            Stop::Cancelled(None) => f.write_str("the build was cancelled"),
            Stop::Cancelled(Some(why)) => write!(f, "the build was cancelled: {why}"),
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
    /// How many calls of a session are running.
    running: Mutex<usize>,
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
            running: Mutex::default(),
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

    /// Lets another call of a session spend. A limit that was met where nobody could say so is that of
    /// the calls that were running then, and forgotten with the last of them.
    pub(crate) fn begin(&self) -> Running<'_> {
        self.admit(1);
        let mut running = self.running();
        if *running == 0 {
            self.exceeded.store(0, Ordering::Relaxed);
            self.give_back(Limit::CallBytes, u64::MAX);
        }
        *running += 1;
        Running(self)
    }

    fn running(&self) -> MutexGuard<'_, usize> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks whether the caller still wants the build.
    fn go_on(&self) -> Result<(), Stop> {
        if self.cancel.is_stopped() {
            return Err(Stop::cancelled(&self.cancel));
        }
        Ok(())
    }

    /// Returns how much all builds together may take.
    fn most(&self, limit: Limit) -> u64 {
        match limit {
            Limit::CallBytes => self.limits.call_bytes,
            _ => self.limits.get(limit).saturating_mul(self.builds.load(Ordering::Relaxed)),
        }
    }

    /// Spends what is about to be taken.
    ///
    /// # Errors
    /// If that is more than there is, or the caller has cancelled the build.
    pub(crate) fn charge(&self, limit: Limit, amount: u64) -> Result<(), Stop> {
        self.go_on()?;
        let most = self.most(limit);
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

    /// As [`charge`](Self::charge), where no error can be returned: returns `true` if it was spent, and
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

    /// Spends what a collection of few values that is about to be created takes, and its place in a map.
    ///
    /// # Errors
    /// If there is no room for it.
    pub(crate) fn charge_collection(&self) -> Result<(), Stop> {
        self.charge_created(ENTRY + COLLECTION)
    }

    /// Spends what entries that are about to be put into a map take.
    ///
    /// # Errors
    /// If there is no room for them.
    pub(crate) fn charge_entries(&self, entries: usize) -> Result<(), Stop> {
        self.charge_created(ENTRY.saturating_mul(entries as u64))
    }

    /// Spends what values that are about to be created take, and nothing shares.
    ///
    /// # Errors
    /// If there is no room for them.
    pub(crate) fn charge_created(&self, bytes: u64) -> Result<(), Stop> {
        self.charge(Limit::TreeBytes, bytes)?;
        self.charge(Limit::CallBytes, bytes)
    }

    /// Gives back what was spent for entries that were there already.
    pub(crate) fn give_back_entries(&self, entries: usize) {
        let bytes = ENTRY.saturating_mul(entries as u64);
        self.give_back(Limit::TreeBytes, bytes);
        self.give_back(Limit::CallBytes, bytes);
    }

    /// Gives back what was spent, if it was so much.
    fn give_back(&self, limit: Limit, amount: u64) {
        if let Some(spent) = self.spent.get(limit as usize) {
            let less = |spent: u64| Some(spent.saturating_sub(amount));
            let _ = spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }

    /// Asks whether the build may go on; called at every step.
    ///
    /// # Errors
    /// If the caller has cancelled it, or a limit was met where nobody could say so.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.go_on()?;
        let exceeded = self.exceeded.load(Ordering::Relaxed);
        let limit = exceeded.checked_sub(1).and_then(|i| Limit::ALL.get(usize::from(i)));
        limit.map_or(Ok(()), |limit| Err(Stop::Exceeded(*limit, self.limits.get(*limit))))
    }

    /// Returns how much of something is left.
    pub(crate) fn left(&self, limit: Limit) -> u64 {
        let most = self.most(limit);
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

/// A call of a session, until it is dropped.
#[derive(Debug)]
pub(crate) struct Running<'a>(&'a Account);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut running = self.0.running();
        *running = running.saturating_sub(1);
    }
}

impl Spent {
    /// Returns what was spent of one limit.
    pub(crate) fn of(&self, limit: Limit) -> u64 {
        self.0.get(limit as usize).copied().unwrap_or_default()
    }

    /// Returns the same without what was spent of one limit.
    pub(crate) fn without(mut self, limit: Limit) -> Spent {
        if let Some(spent) = self.0.get_mut(limit as usize) {
            *spent = 0;
        }
        self
    }

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
