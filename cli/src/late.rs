//! Arguments of commands that are not given.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// The arguments of a command, which clap is told of when that command is given.
///
/// To tell it of those of all commands took a third of the time for reading a command line, 60 of 180 µs.
#[derive(Debug)]
pub(crate) struct Late<A>(pub(crate) A);

impl<A: Args> Args for Late<A> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| {
            // What the command is for is said by now, and the arguments would say it in their way.
            let about = command.get_about().cloned().unwrap_or_default();
            A::augment_args(command).about(about)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Late::<A>::augment_args(command)
    }
}

impl<A: FromArgMatches> FromArgMatches for Late<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Late<A>, Error> {
        A::from_arg_matches(matches).map(Late)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Late<A>, Error> {
        A::from_arg_matches_mut(matches).map(Late)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
