//! Arguments of commands that are not given.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// The arguments of a command, which clap is told of when that command is given.
///
/// To tell it of those of all commands took a third of the time for reading a command line, 60 of 180
/// µs.
#[derive(Debug)]
pub(crate) struct Deferred<A>(pub(crate) A);

impl<A: Args> Args for Deferred<A> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| {
            // What the command is for is said by now, and the arguments would say it in their way.
            let about = command.get_about().cloned().unwrap_or_default();
            A::augment_args(command).about(about)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Deferred::<A>::augment_args(command)
    }
}

impl<A: FromArgMatches> FromArgMatches for Deferred<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Deferred<A>, Error> {
        A::from_arg_matches(matches).map(Deferred)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Deferred<A>, Error> {
        A::from_arg_matches_mut(matches).map(Deferred)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
